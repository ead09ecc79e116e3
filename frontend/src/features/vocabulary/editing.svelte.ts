import { asProblem, type Problem } from '../../api/problem.ts';
import { type Conflict, check, type Entry, entriesOf, merge, type Pair, textOf, type Wrong } from './glossary.ts';

/** How the glossary comes and goes. */
export interface Source {
	load(): Promise<Entry[]>;
	put(entries: Entry[]): Promise<Entry[]>;
}

/**
 * The glossary while it is edited. It is saved as a whole, so before it is, it is loaded once more: what somebody else
 * changed meanwhile is taken in, or asked about, and never written over unseen.
 */
export class Editing {
	pairs = $state<Pair[]>([]);
	/** How many changes of somebody else were just taken in. */
	taken = $state(0);
	conflicts = $state.raw<Conflict[]>([]);
	busy = $state(false);
	problem = $state.raw<Problem>();
	#base = $state.raw<readonly Entry[]>([]);
	/** What the server refused, by the ids of pairs, until they are edited again. */
	#refused = $state.raw<ReadonlyMap<number, Wrong>>(new Map());
	#next = 0;
	readonly #source: Source;

	constructor(source: Source) {
		this.#source = source;
	}

	/** Begins with what the server has. */
	begin(entries: readonly Entry[]): void {
		this.#base = entries;
		this.replace(entries);
		this.taken = 0;
		this.conflicts = [];
		this.problem = undefined;
	}

	/** Takes all changes back. */
	discard(): void {
		this.begin(this.#base);
	}

	/** Puts other pairs in place of all. */
	replace(entries: readonly Entry[]): void {
		this.pairs = entries.map(({ heard, written }) => ({ id: this.#next++, heard, written }));
		this.#refused = new Map();
	}

	/** Adds an empty pair at the beginning, where it is seen, and gives its id. */
	add(): number {
		const id = this.#next++;
		this.pairs.unshift({ id, heard: '', written: '' });
		return id;
	}

	remove(id: number): void {
		this.pairs = this.pairs.filter((pair) => pair.id !== id);
	}

	/** What is wrong, by the ids of pairs. */
	get wrong(): ReadonlyMap<number, Wrong> {
		return new Map([...this.#refused, ...check(this.pairs)]);
	}

	get dirty(): boolean {
		return textOf(this.pairs) !== textOf(this.#base);
	}

	/** Settles what both sides changed. */
	choose(conflict: Conflict, written: string | undefined): void {
		this.conflicts = this.conflicts.filter((one) => one !== conflict);
		const rest = this.pairs.filter((pair) => pair.heard !== conflict.heard);
		this.pairs = written === undefined ? rest : [...rest, { id: this.#next++, heard: conflict.heard, written }];
	}

	/** Saves, unless something is wrong or has to be looked at first; true when it is saved. */
	async save(): Promise<boolean> {
		if (this.busy || this.wrong.size > 0 || this.conflicts.length > 0) return false;
		this.busy = true;
		this.problem = undefined;
		try {
			const theirs = await this.#source.load();
			const { entries, taken, conflicts } = merge(this.#base, entriesOf(this.pairs), theirs);
			if (taken > 0 || conflicts.length > 0) {
				this.#base = theirs;
				this.replace(entries);
				this.taken = taken;
				this.conflicts = conflicts;
				return false;
			}
			this.begin(await this.#source.put(entries));
			return true;
		} catch (thrown) {
			this.problem = asProblem(thrown);
			this.#refused = this.#placed(this.problem);
			return false;
		} finally {
			this.busy = false;
		}
	}

	/** The server names pairs by their place among those that were sent. */
	#placed(problem: Problem): Map<number, Wrong> {
		const sent = this.pairs.filter((pair) => pair.heard.trim() !== '' || pair.written.trim() !== '');
		const out = new Map<number, Wrong>();
		for (const [field, detail] of Object.entries(problem.fields)) {
			const found = /^entries\[(\d+)\]\.(heard|written)$/.exec(field);
			const pair = found && sent[Number(found[1])];
			if (pair) out.set(pair.id, { ...out.get(pair.id), [found[2] as 'heard' | 'written']: detail });
		}
		return out;
	}
}
