import { describe, expect, test } from 'vitest';
import { levelOf, rootMeanSquare, SilenceWatch } from './level.ts';

const tone = (amplitude: number) => Float32Array.from({ length: 1024 }, (_, i) => amplitude * Math.sin(i / 3));

test('the meter stands at nothing for silence, full for full scale, and rises by decibels', () => {
	expect(levelOf(0)).toBe(0);
	expect(levelOf(1)).toBe(1);
	expect(levelOf(1e-6)).toBe(0);
	const step = levelOf(0.2) - levelOf(0.1);
	expect(levelOf(0.1) - levelOf(0.05)).toBeCloseTo(step);
	expect(rootMeanSquare(tone(0.5))).toBeCloseTo(0.5 / Math.SQRT2, 2);
	expect(rootMeanSquare(new Float32Array())).toBe(0);
});

describe('the silence watch', () => {
	const voice = rootMeanSquare(tone(0.1));
	const hiss = rootMeanSquare(tone(0.001));

	test('worries after four seconds of nothing but hiss, and is glad of the first word', () => {
		const watch = new SilenceWatch();
		expect(watch.silent(hiss, 100)).toBe(false);
		expect(watch.silent(hiss, 4000)).toBe(false);
		expect(watch.silent(hiss, 4100)).toBe(true);
		expect(watch.silent(voice, 4200)).toBe(false);
		expect(watch.silent(hiss, 60_000)).toBe(false);
	});

	test('begins anew with a recording', () => {
		const watch = new SilenceWatch();
		watch.silent(voice, 0);
		watch.restart();
		expect(watch.silent(0, 10_000)).toBe(false);
		expect(watch.silent(0, 14_000)).toBe(true);
	});
});
