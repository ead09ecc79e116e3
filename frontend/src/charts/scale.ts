/** A straight scale from values to shares of a width. */
export interface Scale {
	readonly min: number;
	readonly max: number;
	/** Round values to write below the width; the first is min, the last max. */
	readonly ticks: readonly number[];
	/** Where a value stands, 0 to 1; values outside stand at the edge. */
	at(value: number): number;
}

const steps = [1, 2, 2.5, 5, 10];

/** The smallest round step (1, 2, 2.5 or 5 times a power of ten) that is at least `width`. */
function roundStep(width: number): number {
	const power = 10 ** Math.floor(Math.log10(width));
	const step = steps.find((candidate) => candidate * power >= width * (1 - 1e-9)) ?? 10;
	return step * power;
}

/**
 * Makes a scale that holds all values and 0, and ends at round ones. What is no number is left out; where nothing is
 * left, or everything is 0, the scale goes from -`least` to `least`.
 */
export function scaleOf(values: Iterable<number>, options: { ticks?: number; least?: number } = {}): Scale {
	const { ticks: about = 5, least = 0.1 } = options;
	let low = 0;
	let high = 0;
	for (const value of values) {
		if (!Number.isFinite(value)) continue;
		low = Math.min(low, value);
		high = Math.max(high, value);
	}
	if (low === high) [low, high] = [-least, least];
	const step = roundStep((high - low) / Math.max(1, about - 1));
	const first = Math.floor(low / step + 1e-9);
	const last = Math.ceil(high / step - 1e-9);
	// Multiplied, not added up: sums of 0.1 drift.
	const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)) + 0);
	const [min, max] = [first * step, last * step];
	return { min, max, ticks, at: (value) => Math.min(1, Math.max(0, (value - min) / (max - min))) };
}
