import { describe, expect, it } from 'vitest';
import { dayFrom } from '../../reel/coaching.ts';
import { narrower } from './consent.ts';
import { dayWords, monthWords } from './days.ts';
import { change, percent } from './score.ts';

describe('days', () => {
	it('are the same day wherever one is', () => {
		const now = new Date('2026-11-22T23:30:00Z');
		expect(dayWords('2026-11-30', now)).toBe('Nov 30');
		expect(dayWords('2027-01-02', now)).toBe('Jan 2, 2027');
		expect(monthWords('2026-03')).toBe('Mar');
	});
	it('go on over the end of a month and a year', () => {
		expect(dayFrom(new Date(2026, 11, 28, 23, 59), 7)).toBe('2027-01-04');
		expect(dayFrom(new Date(2028, 1, 28), 1)).toBe('2028-02-29');
	});
});

describe('scores', () => {
	it('have one decimal at most, and a change its sign', () => {
		expect(percent(82.5)).toBe('82.5%');
		expect(percent(70)).toBe('70%');
		expect(change(70.1, 82.6)).toBe('+12.5');
		expect(change(82.6, 70.1)).toBe('-12.5');
		expect(change(70, 70.01)).toBe('0');
	});
});

describe('consent', () => {
	it('is to the audience suggested, or to fewer', () => {
		expect(narrower('everyone')).toEqual(['everyone', 'team', 'line']);
		expect(narrower('teams')).toEqual(['teams', 'line']);
		expect(narrower('line')).toEqual(['line']);
	});
});
