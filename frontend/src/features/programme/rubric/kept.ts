import type { CriterionBody } from './draft.ts';

/** What somebody wrote and did not save, as this browser keeps it. */
export interface Kept {
	readonly name: string;
	readonly criteria: readonly CriterionBody[];
	/** The number of the version it was written on; 0 for a new rubric. */
	readonly base: number;
	/** When, in milliseconds since 1970. */
	readonly at: number;
}

const key = (id: string) => `fieldreel.rubric.${id}`;

/** What is kept of a rubric; undefined where nothing is, or nothing can be read. */
export function keptOf(id: string): Kept | undefined {
	try {
		const found = JSON.parse(localStorage.getItem(key(id)) ?? 'null') as Kept | null;
		return found && Array.isArray(found.criteria) ? found : undefined;
	} catch {
		return;
	}
}

export function keep(id: string, kept: Kept): void {
	try {
		localStorage.setItem(key(id), JSON.stringify(kept));
	} catch {
		// Without storage a closed tab loses what was not saved, as everywhere else.
	}
}

export function forget(id: string): void {
	try {
		localStorage.removeItem(key(id));
	} catch {
		// Then there was nothing to forget.
	}
}
