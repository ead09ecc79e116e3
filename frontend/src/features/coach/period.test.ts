import { describe, expect, it } from 'vitest';
import { monthsUntil, monthYear, periodOf, presetOf } from './period.ts';

// An evening in America, the next month in UTC.
const today = new Date('2026-12-31T20:00:00-06:00');

describe('a period', () => {
	it('is whole months until this one, and the usual one leaves the address alone', () => {
		expect(periodOf('6', today)).toEqual({ from: '', to: '' });
		expect(periodOf('3', today)).toEqual({ from: '2026-11', to: '2027-01' });
		expect(periodOf('12', today)).toEqual({ from: '2026-02', to: '2027-01' });
	});
	it('is known again by its months', () => {
		for (const preset of ['3', '6', '12'] as const) expect(presetOf(periodOf(preset, today), today)).toBe(preset);
		expect(presetOf({ from: '2026-11', to: '' }, today)).toBe('own');
		expect(presetOf({ from: '2026-11', to: '2027-01' }, new Date('2027-02-01T00:00:00Z'))).toBe('own');
	});
});

describe('months', () => {
	it('may be chosen as far back as the server goes, and what the address says', () => {
		const all = monthsUntil(today, '');
		expect(all.length).toBe(36);
		expect([all[0], all[1], all[35]]).toEqual(['2027-01', '2026-12', '2024-02']);
		expect(monthsUntil(today, '2020-05').at(-1)).toBe('2020-05');
		expect(monthsUntil(today, '2026-12').length).toBe(36);
	});
	it('have their year', () => {
		expect(monthYear('2026-03')).toBe('Mar 2026');
		expect(monthYear('soon')).toBe('soon');
	});
});
