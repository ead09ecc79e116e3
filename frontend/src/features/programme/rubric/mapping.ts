import { en } from './en.ts';

/** A version before the newest. */
export interface Earlier {
	readonly number: number;
	readonly criteria: readonly { readonly id: string; readonly name: string; readonly continues?: string }[];
}

/**
 * What a criterion of the newest version may continue: the latest of each line of criteria that nobody else of its
 * version continues, and what it continues now. Versions are given newest first.
 */
export function choicesOf(
	versions: readonly Earlier[],
	chosen: Readonly<Record<string, string>>,
	own: string,
): { value: string; label: string }[] {
	const out: { value: string; label: string }[] = [];
	const passed = new Set<string>(); // what a later version already stands for
	const taken = new Set(Object.entries(chosen).flatMap(([id, value]) => (id === own ? [] : [value])));
	for (const version of versions) {
		for (const one of version.criteria) {
			const mine = chosen[own] === one.id;
			if (mine || (!passed.has(one.id) && !taken.has(one.id)))
				out.push({ value: one.id, label: en.inVersion(one.name, version.number) });
			if (one.continues) passed.add(one.continues);
		}
	}
	return out;
}
