import { describe, expect, it } from 'vitest';
import { ago, bytes, clock, duration, money, plural } from './format.ts';

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
	expect(bytes(999)).toBe('999 B');
	expect(bytes(3_440_000)).toBe('3.4 MB');
	expect(money(1200, 'EUR')).toContain('1,200');
	expect(money(1200, 'not a currency')).toBe('1,200 not a currency');
});

it('tells how long ago', () => {
	const now = Date.parse('2026-11-22T12:00:00Z');
	expect(ago('2026-11-22T11:55:00Z', now)).toBe('5 minutes ago');
	expect(ago('2026-11-21T12:00:00Z', now)).toBe('yesterday');
	expect(ago('2026-01-02T12:00:00Z', now)).toContain('2026');
});
