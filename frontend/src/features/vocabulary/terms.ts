import type { Kind, Term } from '../../api/vocabulary.svelte.ts';

/** The kinds in the order of the tabs. */
export const kinds: readonly Kind[] = ['tactic', 'stage', 'objection', 'persona', 'industry', 'competitor', 'product'];

/** The kind that an address asks for; tactics unless it says otherwise. */
export const kindOf = (tab: string): Kind => kinds.find((kind) => kind === tab) ?? 'tactic';

/** The terms of a kind that have all words of a search somewhere, by label; those in use and the retired apart. */
export function listed(terms: readonly Term[], kind: Kind, search: string): { current: Term[]; retired: Term[] } {
	const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
	const fits = terms
		.filter((term) => term.kind === kind)
		.filter((term) => {
			const text = [term.label, term.key, term.description, ...term.keywords].join('\n').toLocaleLowerCase();
			return words.every((word) => text.includes(word));
		})
		.sort((a, b) => a.label.localeCompare(b.label));
	return { current: fits.filter((term) => !term.retired), retired: fits.filter((term) => term.retired) };
}

/** Phrases as they were typed, one a line; doubles count once, whatever their case. */
export function phrasesOf(text: string): string[] {
	const seen = new Map<string, string>();
	for (const line of text.split('\n')) {
		const phrase = line.trim().replace(/\s+/g, ' ');
		if (phrase && !seen.has(phrase.toLocaleLowerCase())) seen.set(phrase.toLocaleLowerCase(), phrase);
	}
	return [...seen.values()];
}

/** Phrases that suggest another term of the kind already: both would be proposed to the author. */
export function elsewhere(
	phrases: readonly string[],
	terms: readonly Term[],
	of: { kind: Kind; id: string },
): { phrase: string; label: string }[] {
	const others = terms.filter((term) => term.kind === of.kind && term.id !== of.id && !term.retired);
	return phrases.flatMap((phrase) => {
		const other = others.find((term) =>
			[term.label, ...term.keywords].some((one) => one.toLocaleLowerCase() === phrase.toLocaleLowerCase()),
		);
		return other ? [{ phrase, label: other.label }] : [];
	});
}
