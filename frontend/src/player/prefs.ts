/** The speeds offered; a manager's usual one is 1.25. */
export const speeds = [0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** How a person likes to watch; kept on the device. */
export interface Prefs {
	readonly rate: number;
	readonly captions: boolean;
	/** Single keys act on the video. Speech input and some screen readers need them off. */
	readonly keys: boolean;
}

/** Who reviews watches otherwise than who just watches: a little faster, with the words. */
export type Habit = 'watch' | 'review';

const names: Record<Habit, string> = { watch: 'fieldreel.player', review: 'fieldreel.player.review' };
const usual: Record<Habit, Prefs> = {
	watch: { rate: 1, captions: false, keys: true },
	review: { rate: 1.25, captions: true, keys: true },
};

function kept(name: string): Partial<Prefs> {
	try {
		return (JSON.parse(localStorage.getItem(name) ?? '{}') ?? {}) as Partial<Prefs>;
	} catch {
		return {};
	}
}

/** Reads what was kept; what is missing or not understood is as usual. Single keys are off everywhere or nowhere. */
export function readPrefs(habit: Habit = 'watch'): Prefs {
	const own = kept(names[habit]);
	const { rate, captions } = usual[habit];
	return {
		rate: speeds.find((speed) => speed === own.rate) ?? rate,
		captions: typeof own.captions === 'boolean' ? own.captions : captions,
		keys: kept(names.watch).keys !== false,
	};
}

/** Keeps some of it. Where the browser keeps nothing, it holds for this page. */
export function keepPrefs(prefs: Prefs, habit: Habit = 'watch'): void {
	try {
		localStorage.setItem(names[habit], JSON.stringify(prefs));
		if (habit !== 'watch') {
			const { rate, captions } = readPrefs();
			localStorage.setItem(names.watch, JSON.stringify({ rate, captions, keys: prefs.keys }));
		}
	} catch {
		// Private windows may refuse: nothing is lost but the habit.
	}
}

/** The next speed up or down, or the same at the end of the scale. */
export function nextSpeed(rate: number, step: 1 | -1): number {
	const at = speeds.findIndex((speed) => speed >= rate);
	return speeds[Math.min(speeds.length - 1, Math.max(0, (at < 0 ? speeds.length : at) + step))] ?? rate;
}
