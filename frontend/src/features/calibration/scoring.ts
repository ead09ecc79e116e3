import type { Criterion, Levels } from './types.ts';

/** Levels that are being given, and the criterion that has the keys. */
export interface Scoring {
	readonly levels: Levels;
	/** The index of the criterion at hand. */
	readonly at: number;
}

/** How many criteria have no level yet. */
export const missing = (criteria: readonly Criterion[], levels: Levels): number =>
	criteria.filter(({ id }) => levels[id] === undefined).length;

/** Gives the criterion at hand a level and moves on to the next one without; a level that it does not have is none. */
export function give(criteria: readonly Criterion[], { levels, at }: Scoring, level: number): Scoring {
	const criterion = criteria[at];
	if (!criterion || level < 1 || level > criterion.levels.length) return { levels, at };
	const next = { ...levels, [criterion.id]: level };
	const n = criteria.length;
	for (let step = 1; step < n; step++) {
		const i = (at + step) % n;
		const one = criteria[i];
		if (one && next[one.id] === undefined) return { levels: next, at: i };
	}
	return { levels: next, at };
}

/** Moves by a step, and stops at the ends. */
export const move = (criteria: readonly Criterion[], { levels, at }: Scoring, step: 1 | -1): Scoring => ({
	levels,
	at: Math.min(criteria.length - 1, Math.max(0, at + step)),
});

/** A key press, as far as it matters here: a KeyboardEvent is one. */
export interface Press {
	readonly key: string;
	readonly ctrlKey: boolean;
	readonly metaKey: boolean;
	readonly altKey: boolean;
	readonly repeat: boolean;
	readonly defaultPrevented: boolean;
}

/** What a key does to the scores; undefined where it belongs to what has it, or to the player. */
export function onKey(
	criteria: readonly Criterion[],
	scoring: Scoring,
	press: Press,
	target: Element | null,
): Scoring | undefined {
	if (press.defaultPrevented || press.ctrlKey || press.metaKey || press.altKey || press.repeat) return;
	if (target?.closest('input, textarea, select, [contenteditable], dialog, [role=slider]')) return;
	if (/^[1-9]$/.test(press.key)) {
		const next = give(criteria, scoring, Number(press.key));
		return next.levels === scoring.levels ? undefined : next;
	}
	if (press.key === 'ArrowDown') return move(criteria, scoring, 1);
	if (press.key === 'ArrowUp') return move(criteria, scoring, -1);
	return;
}

/** A difference of levels in words: at most one decimal. */
export const levels = (by: number): string => {
	const n = Math.round(Math.abs(by) * 10) / 10;
	return Number.isInteger(n) ? String(n) : n.toFixed(1);
};
