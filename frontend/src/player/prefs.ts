/** The speeds offered; a manager's usual one is 1.25. */
export const speeds = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** How a person likes to watch; kept on the device. */
export interface Prefs {
	readonly rate: number;
	readonly captions: boolean;
	/** Single keys act on the video. Speech input and some screen readers need them off. */
	readonly keys: boolean;
}

const name = 'fieldreel.player';
const usual: Prefs = { rate: 1, captions: false, keys: true };

/** Reads what was kept; what is missing or not understood is as usual. */
export function readPrefs(): Prefs {
	try {
		const kept = JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Prefs>;
		return {
			rate: speeds.find((speed) => speed === kept.rate) ?? usual.rate,
			captions: kept.captions === true,
			keys: kept.keys !== false,
		};
	} catch {
		return usual;
	}
}

/** Keeps some of it. Where the browser keeps nothing, it holds for this page. */
export function keepPrefs(prefs: Prefs): void {
	try {
		localStorage.setItem(name, JSON.stringify(prefs));
	} catch {
		// Private windows may refuse: nothing is lost but the habit.
	}
}

/** The next speed up or down, or the same at the end of the scale. */
export function nextSpeed(rate: number, step: 1 | -1): number {
	const at = speeds.findIndex((speed) => speed >= rate);
	return speeds[Math.min(speeds.length - 1, Math.max(0, (at < 0 ? speeds.length : at) + step))] ?? rate;
}
