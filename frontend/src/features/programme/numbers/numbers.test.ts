import { describe, expect, it } from 'vitest';
import { dayIn, endOfDay, figures, filterOf, filters, queryOf, tenth, toggled } from './numbers.ts';

describe('the end of a day', () => {
	it.each([
		['2026-11-30', 'Europe/Berlin', '2026-11-30T22:59:59Z'],
		['2026-07-01', 'Europe/Berlin', '2026-07-01T21:59:59Z'],
		['2026-11-30', 'America/Los_Angeles', '2026-12-01T07:59:59Z'],
		['2026-11-30', 'Pacific/Auckland', '2026-11-30T10:59:59Z'],
		['2026-11-30', 'Asia/Kolkata', '2026-11-30T18:29:59Z'],
		['2026-11-30', 'UTC', '2026-11-30T23:59:59Z'],
		// Clocks are changed in the night of that day.
		['2026-03-28', 'Europe/Berlin', '2026-03-28T22:59:59Z'],
		['2026-03-29', 'Europe/Berlin', '2026-03-29T21:59:59Z'],
		['2026-10-25', 'Europe/Berlin', '2026-10-25T22:59:59Z'],
	])('%s in %s', (day, zone, at) => {
		expect(endOfDay(day, zone)).toBe(at);
		expect(dayIn(at, zone)).toBe(day);
	});
	it('is somewhere where the zone is not known', () => {
		expect(endOfDay('2026-11-30', 'No/Where')).toBe(endOfDay('2026-11-30', undefined));
	});
});

describe('filters', () => {
	it('are what the address says, if it is one', () => {
		expect(filterOf('retry')).toBe('retry');
		expect(filterOf('all')).toBeUndefined();
	});
	it('become what the API asks for', () => {
		expect(queryOf(undefined, '')).toEqual({});
		expect(queryOf('left', 't1')).toEqual({ status: 'left', team: 't1' });
		expect(queryOf('overdue', '')).toEqual({ overdue: true });
		expect(queryOf('expiring', '')).toEqual({ expiring: true });
	});
	it('are taken back by pressing again', () => {
		expect(toggled('retry', 'retry')).toBe('');
		expect(toggled('retry', 'passed')).toBe('passed');
		expect(toggled(undefined, 'passed')).toBe('passed');
	});
	it('of figures are ones that participants can be narrowed to', () => {
		for (const one of figures) if ('filter' in one) expect(filters).toContain(one.filter);
	});
});

it('writes hours and scores with one decimal at most', () => {
	expect([3.25, 12, 1234.56].map(tenth)).toEqual(['3.3', '12', '1,234.6']);
});
