import { en } from './en.ts';

/** A version before the newest. */
export interface Earlier {
	readonly number: number;
	readonly criteria: readonly { readonly id: string; readonly name: string; readonly continues?: string }[];
}

/** For criteria of the first of some versions, in order, the one of the last that stands for it; none where it was taken out. */
export function standsFor(versions: readonly Earlier[]): ReadonlyMap<string, string> {
	const now = new Map(versions[0]?.criteria.map(({ id }) => [id, id]));
	for (const version of versions.slice(1)) {
		const next = new Map(
			version.criteria.flatMap(({ id, continues }) => (continues ? [[continues, id] as const] : [])),
		);
		// What this version has not may be taken up again by a later one.
		for (const [first, at] of now) now.set(first, next.get(at) ?? at);
	}
	const there = new Set(versions.at(-1)?.criteria.map(({ id }) => id));
	return new Map([...now].filter(([, at]) => there.has(at)));
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
