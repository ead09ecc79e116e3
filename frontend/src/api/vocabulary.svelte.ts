import { api, data, type Schemas } from './client.ts';

export type Term = Schemas['TermDTO'];
export type Kind = 'tactic' | 'stage' | 'industry' | 'persona' | 'competitor' | 'product' | 'objection';

/** The vocabulary of the company, fetched once and kept until `refresh`. */
class Vocabulary {
	terms = $state.raw<readonly Term[]>([]);
	#loading: Promise<void> | undefined;

	/** Fetches the terms unless they are here. */
	load(): Promise<void> {
		this.#loading ??= this.refresh();
		return this.#loading;
	}

	async refresh(): Promise<void> {
		try {
			this.terms = (await data(api.GET('/api/v1/vocabulary'))).items;
		} catch (thrown) {
			this.#loading = undefined; // the next who needs it asks again
			throw thrown;
		}
	}

	/** The terms of one kind that are in use. */
	of(kind: Kind): Term[] {
		return this.terms.filter((term) => term.kind === kind && !term.retired);
	}

	/** What a key is called; the key itself where nobody knows it. */
	label(kind: Kind, key: string): string {
		return this.terms.find((term) => term.kind === kind && term.key === key)?.label ?? key;
	}
}

export const vocabulary = new Vocabulary();
