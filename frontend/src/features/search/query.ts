import type { Kind } from '../../api/vocabulary.svelte.ts';

/** What a search can be narrowed by, in the order in which people ask for it. */
export const facets = [
	'objection',
	'stage',
	'competitor',
	'persona',
	'industry',
	'product',
	'tactic',
] as const satisfies readonly Kind[];
export type Facet = (typeof facets)[number];

/** A situation as it stands in the address. */
export interface Situation {
	readonly q: string;
	readonly chosen: Readonly<Partial<Record<Facet, string>>>;
}

/** Reads the situation out of an address. */
export function situationOf(params: URLSearchParams): Situation {
	const chosen: Partial<Record<Facet, string>> = {};
	for (const facet of facets) {
		const value = params.get(facet);
		if (value) chosen[facet] = value;
	}
	return { q: (params.get('q') ?? '').trim(), chosen };
}

/** Whether there is anything to search for. */
export const isEmpty = (situation: Situation): boolean =>
	situation.q === '' && Object.keys(situation.chosen).length === 0;
