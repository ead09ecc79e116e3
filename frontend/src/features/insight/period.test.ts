import { describe, expect, it } from 'vitest';
import { daysOf, periodOf, presetOf, presets } from './period.ts';

const today = new Date('2026-11-22T23:30:00Z');

describe('periods', () => {
	it.each([
		['all', { from: '', to: '' }],
		['30', { from: '2026-10-24', to: '2026-11-22' }],
		['90', { from: '2026-08-25', to: '2026-11-22' }],
		['quarter', { from: '2026-10-01', to: '2026-11-22' }],
	] as const)('%s', (preset, period) => expect(periodOf(preset, today)).toEqual(period));

	it('are found again by their days', () => {
		for (const preset of presets) expect(presetOf(periodOf(preset, today), today)).toBe(preset);
		expect(presetOf({ from: '2026-10-24', to: '' }, today)).toBe('own');
		expect(presetOf(periodOf('30', new Date('2026-11-21T12:00:00Z')), today)).toBe('own');
	});

	it('begin with the quarter that today is in', () => {
		expect(periodOf('quarter', new Date('2026-01-01T00:00:00Z'))).toEqual({ from: '2026-01-01', to: '2026-01-01' });
		expect(periodOf('quarter', new Date('2026-09-30T23:59:59Z')).from).toBe('2026-07-01');
	});
});

it('writes the last day that counts, not the first that does not', () => {
	expect(daysOf({ from: '2026-10-01T00:00:00Z', to: '2026-11-23T00:00:00Z' })).toEqual({
		from: 'Oct 1, 2026',
		to: 'Nov 22, 2026',
	});
	expect(daysOf({})).toEqual({});
});
