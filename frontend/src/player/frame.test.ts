import { describe, expect, it } from 'vitest';
import { FrameLength } from './frame.ts';

const seen = (...times: number[]) => {
	const frame = new FrameLength();
	for (const time of times) frame.saw(time);
	return Math.round(frame.ms * 100) / 100;
};

describe('the length of a frame', () => {
	it('is that of 30 a second until it is known', () => {
		expect(seen()).toBe(33.33);
		expect(seen(4)).toBe(33.33);
	});
	it('is learned', () => {
		expect(seen(0, 0.04, 0.08, 0.12)).toBe(40);
		expect(seen(1, 1 + 1 / 60)).toBe(16.67);
	});
	it('is the shortest where frames were left out', () => {
		expect(seen(0, 0.08, 0.12, 0.24, 0.28)).toBe(40);
	});
	it('is not learned from jumps, from standing still, or from going back', () => {
		expect(seen(0, 12, 12, 3, 3.001)).toBe(33.33);
	});
});
