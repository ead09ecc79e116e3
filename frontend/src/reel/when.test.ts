import { describe, expect, it } from 'vitest';
import { away, day, left, since, when } from './when.ts';

const berlin = 'Europe/Berlin'; // an hour before UTC in November
const now = Date.parse('2026-11-22T09:00:00Z');

describe('a due time where the person is', () => {
	it.each([
		['2026-11-22T22:59:00Z', 'today 23:59', 'in 14 hours'],
		['2026-11-23T22:59:00Z', 'tomorrow 23:59', 'in 1 day'],
		['2026-11-21T22:59:00Z', 'yesterday 23:59', '10 hours ago'],
		['2026-11-20T22:59:00Z', '20 Nov 23:59', '2 days ago'],
		['2026-11-27T22:59:00Z', 'Friday 23:59', 'in 5 days'],
		['2026-11-29T22:59:00Z', '29 Nov 23:59', 'in 7 days'],
		['2027-01-05T22:59:00Z', '5 Jan 2027 23:59', 'in 44 days'],
		['2026-11-22T09:30:00Z', 'today 10:30', 'in 30 minutes'],
		['2026-11-22T23:10:00Z', 'tomorrow 00:10', 'in 14 hours'],
	])('%s is %s, %s', (at, words, distance) => {
		expect(when(at, berlin, now)).toBe(words);
		expect(away(at, berlin, now)).toBe(distance);
	});
	it('is another day in another zone', () => {
		const at = '2026-11-23T10:30:00Z';
		expect(when(at, 'Pacific/Auckland', now)).toBe('tomorrow 23:30');
		expect(when(at, 'America/Los_Angeles', now)).toBe('tomorrow 02:30');
		expect(when('2026-11-22T11:30:00Z', 'Pacific/Auckland', now)).toBe('tomorrow 00:30');
	});
	it('counts days of the calendar over a change of the clock', () => {
		const before = Date.parse('2026-10-24T12:00:00Z'); // the clocks go back in the night after
		expect(when('2026-10-25T22:59:00Z', berlin, before)).toBe('tomorrow 23:59');
		expect(away('2026-10-25T22:59:00Z', berlin, before)).toBe('in 1 day');
	});
	it('makes do with the zone of the browser where theirs is unknown', () => {
		expect(when('2026-11-22T09:30:00Z', 'Nowhere/Land', now)).toMatch(/^today \d\d:30$/);
	});
});

it('says a day', () => {
	expect(day('2026-12-22T10:00:00Z', berlin, now)).toBe('22 Dec');
	expect(day('2027-12-31T23:30:00Z', berlin, now)).toBe('1 Jan 2028');
});

it('says how long something waits', () => {
	expect(since('2026-11-22T08:59:50Z', now)).toBe('1 min');
	expect(since('2026-11-22T06:55:00Z', now)).toBe('2 h');
	expect(since('2026-11-19T08:00:00Z', now)).toBe('3 days');
});

it('counts down, and stops', () => {
	expect(left('2026-11-22T09:26:30Z', now)).toBe('27 min');
	expect(left('2026-11-22T09:00:45Z', now)).toBe('45 s');
	expect(left('2026-11-22T09:00:00Z', now)).toBe('');
	expect(left('2026-11-22T08:00:00Z', now)).toBe('');
});
