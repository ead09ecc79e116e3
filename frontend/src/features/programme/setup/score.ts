/** What of a rubric decides about a score. */
export interface Scored {
	readonly weight: number;
	readonly levels: readonly { readonly points: number; readonly name?: string }[];
}

/**
 * The score of an attempt that has the same level everywhere (a criterion with fewer levels: its highest), in percent
 * with one decimal, rounded down as the server shows it.
 */
export function scoreAt(criteria: readonly Scored[], level: number): number {
	let sum = 0;
	let weights = 0;
	for (const { weight, levels } of criteria) {
		const top = levels.at(-1)?.points ?? 0;
		const points = levels[Math.min(level, levels.length) - 1]?.points ?? 0;
		sum += weight * (top > 0 ? points / top : 0);
		weights += weight;
	}
	if (weights === 0) return 0;
	return Math.floor(Math.round((sum / weights) * 10_000) / 10) / 10;
}

/** The highest level that every criterion has; 0 without criteria. */
export const commonLevels = (criteria: readonly Scored[]): number =>
	criteria.length === 0 ? 0 : Math.min(...criteria.map((one) => one.levels.length));

/** What a level is called where all criteria call it the same. */
export function levelName(criteria: readonly Scored[], level: number): string | undefined {
	const names = new Set(criteria.map((one) => one.levels[level - 1]?.name ?? ''));
	const [name] = names;
	return names.size === 1 && name ? name : undefined;
}
