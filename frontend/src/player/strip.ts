/** Something that stands at a second of a video. */
export interface Marker {
	readonly id: string;
	readonly at_ms: number;
	readonly label: string;
	/** What it says, at a glance; its label says it in words. */
	readonly tone?: 'good' | 'work' | 'question';
}

/** The marker next to a time, if one is within reach. */
export function nearest(markers: readonly Marker[], ms: number, reach: number): Marker | undefined {
	let best: Marker | undefined;
	for (const marker of markers) {
		const distance = Math.abs(marker.at_ms - ms);
		if (distance <= reach && (!best || distance < Math.abs(best.at_ms - ms))) best = marker;
	}
	return best;
}

/** The outline of the heat on a field as wide as there are parts, and 1 high. */
export function heatPath(parts: readonly number[]): string {
	const steps = parts.map((part, i) => `V${(1 - Math.min(1, Math.max(0, part))).toFixed(3)}H${i + 1}`);
	return `M0 1${steps.join('')}V1Z`;
}
