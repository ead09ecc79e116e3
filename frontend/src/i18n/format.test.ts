import { describe, expect, it } from 'vitest';
import { ago, clock, count, date, dateTime, duration, plural } from './format.ts';

describe('times of a video', () => {
	it.each([
		[0, '0:00'],
		[7_999, '0:07'],
		[61_000, '1:01'],
		[3_723_000, '1:02:03'],
		[-5, '0:00'],
	])('%d ms is %s', (ms, want) => expect(clock(ms)).toBe(want));
	it('reads aloud', () => {
		expect(duration(1_000)).toBe('1 second');
		expect(duration(80_000)).toBe('1 minute 20 seconds');
		expect(duration(120_000)).toBe('2 minutes');
	});
});

it('counts', () => {
	expect(plural(1, 'video', 'videos')).toBe('1 video');
	expect(plural(1200, 'video', 'videos')).toBe('1,200 videos');
});

it('tells how long ago', () => {
	const now = Date.parse('2026-11-22T12:00:00Z');
	expect(ago('2026-11-22T11:55:00Z', now)).toBe('5 minutes ago');
	expect(ago('2026-11-21T12:00:00Z', now)).toBe('yesterday');
	expect(ago('2026-01-02T12:00:00Z', now)).toContain('2026');
});

describe('what is written by hand is what Intl writes', () => {
	const days = [0, 1, 58, 59, 364, 9_999, 20_000].flatMap((day) =>
		[0, 1, 43_199, 43_200, 86_399].map((s) => day * 86_400 + s),
	);
	const times = days.map((s) => new Date(s * 1000));

	it('dates and times', () => {
		const day = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
		const both = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
		for (const time of times) {
			expect(date(time.toISOString())).toBe(day.format(time));
			expect(dateTime(time.toISOString())).toBe(both.format(time));
		}
	});

	it('numbers', () => {
		const number = new Intl.NumberFormat('en');
		for (const n of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, -1, -1234, 0.5, 1234.5])
			expect(count(n)).toBe(number.format(n));
	});

	it('how long ago', () => {
		const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
		const now = Date.parse('2026-11-22T12:00:00Z');
		const steps = [
			[60, 'minute', [45, 60, 89, 91, 600, 2699]],
			[3600, 'hour', [2700, 3600, 5399, 5401, 79_199]],
			[86_400, 'day', [79_200, 86_400, 129_599, 129_600, 129_601, 200_000, 2_419_199]],
		] as const;
		for (const [size, unit, all] of steps) {
			for (const s of all.flatMap((one) => [-one, one])) {
				// Halves go away from zero, into the past as into the future.
				const n = Math.sign(s) * Math.round(Math.abs(s) / size);
				expect(ago(new Date(now + s * 1000).toISOString(), now), `${s} s`).toBe(relative.format(n, unit));
			}
		}
		expect(ago(new Date(now).toISOString(), now)).toBe(relative.format(0, 'second'));
	});
});
