import { describe, expect, it } from 'vitest';
import { scaleOf } from './scale.ts';

describe('scaleOf', () => {
	it.each([
		[
			[-0.031, 0.142],
			[-0.05, 0, 0.05, 0.1, 0.15],
		],
		[
			[0.02, 0.11],
			[0, 0.05, 0.1, 0.15],
		],
		[
			[-0.4, -0.1],
			[-0.4, -0.3, -0.2, -0.1, 0],
		],
		[[17], [0, 5, 10, 15, 20]],
		[
			[0, 0],
			[-0.1, -0.05, 0, 0.05, 0.1],
		],
		[[], [-0.1, -0.05, 0, 0.05, 0.1]],
		[
			[Number.NaN, Number.POSITIVE_INFINITY, 0.02],
			[0, 0.005, 0.01, 0.015, 0.02],
		],
	])('%j has the ticks %j', (values, ticks) => expect(scaleOf(values).ticks).toEqual(ticks));

	it('puts values between its ends, and keeps those outside at the edge', () => {
		const scale = scaleOf([-0.1, 0.3]);
		expect([scale.min, scale.max].map((x) => Number(x.toFixed(9)))).toEqual([-0.1, 0.3]);
		expect(scale.at(0)).toBeCloseTo(0.25);
		expect(scale.at(-5)).toBe(0);
		expect(scale.at(5)).toBe(1);
	});

	it('always holds 0 and every value, whatever they are', () => {
		let seed = 42;
		const random = () => {
			seed = (seed * 1103515245 + 12345) % 2 ** 31;
			return seed / 2 ** 31;
		};
		for (let i = 0; i < 500; i++) {
			const values = Array.from({ length: 3 }, () => (random() - 0.5) * 10 ** Math.floor(random() * 6 - 3));
			const { min, max, ticks } = scaleOf(values);
			expect(min).toBeLessThanOrEqual(Math.min(0, ...values));
			expect(max).toBeGreaterThanOrEqual(Math.max(0, ...values));
			expect(ticks).toContain(0);
			expect(ticks.length).toBeLessThan(9);
		}
	});
});
