import { asProblem, type Problem } from '../../../api/problem.ts';
import {
	bodyOf,
	type CriterionBody,
	type CriterionDraft,
	type CriterionKept,
	check,
	copyOf,
	draftOf,
	freshCriterion,
	levelAdded,
	sameCriteria,
	written,
} from './draft.ts';
import { en } from './en.ts';
import { forget, type Kept, keep, keptOf } from './kept.ts';
import { moved } from './reorder.ts';

/** A version that is edited on from. */
export interface Base {
	readonly number: number;
	readonly criteria: readonly CriterionKept[];
}

/** Saves what was written, and gives the version that came of it. */
export type Save = (name: string, criteria: CriterionBody[], base: number) => Promise<Base>;

/**
 * A rubric while it is written. What is not saved is kept in this browser, so that a closed tab loses nothing; what
 * somebody else saved meanwhile is never written over unseen.
 */
export class Editing {
	name = $state('');
	criteria = $state<CriterionDraft[]>([]);
	/** Keys of the criteria that are open. */
	open = $state.raw<ReadonlySet<number>>(new Set());
	busy = $state(false);
	problem = $state.raw<Problem>();
	/** Kept from an earlier visit, and shown now. */
	found = $state.raw<Kept>();
	/** Somebody else has saved this rubric since editing began. */
	overtaken = $state(false);
	base = $state.raw<Base>({ number: 0, criteria: [] });
	/** The number of the version that the words were written on; where it is overtaken, not the newest. */
	writtenOn = $state(0);
	#refused = $state.raw<ReadonlyMap<string, string>>(new Map());
	#begun = $state.raw<{ name: string; criteria: readonly CriterionDraft[] }>({ name: '', criteria: [] });
	readonly #id: string;
	readonly #save: Save;

	constructor(id: string, save: Save) {
		this.#id = id;
		this.#save = save;
	}

	/** Begins with a version as it stands, or with what this browser kept on top of it. */
	begin(name: string, base: Base, criteria = draftOf(base.criteria)): void {
		this.base = base;
		this.writtenOn = base.number;
		this.name = name;
		this.criteria = criteria;
		this.#begun = { name, criteria: $state.snapshot(criteria) };
		this.#settle();
		const kept = keptOf(this.#id);
		if (!kept) return;
		this.found = kept;
		this.overtaken = kept.base !== base.number;
		this.writtenOn = kept.base;
		this.name = kept.name;
		this.criteria = kept.criteria.map((one) => ({ ...written(one), continues: one.continues ?? '' }));
	}

	/** Takes all changes back, and gives what brings them here again. */
	discard(): () => void {
		const { name, criteria } = this;
		this.name = this.#begun.name;
		this.criteria = this.#begun.criteria.map((one) => ({ ...one, levels: one.levels.map((level) => ({ ...level })) }));
		this.#settle();
		forget(this.#id);
		return () => ([this.name, this.criteria] = [name, criteria]);
	}

	/** Puts other criteria in place of all. */
	replace(criteria: CriterionDraft[]): void {
		this.criteria = criteria;
		this.#refused = new Map();
	}

	get changed(): boolean {
		return this.name.trim() !== this.#begun.name || !sameCriteria(this.criteria, this.#begun.criteria);
	}

	/** The criteria are otherwise, so that saving makes a version. */
	get changedCriteria(): boolean {
		return !sameCriteria(this.criteria, this.#begun.criteria);
	}

	/** What is wrong, by where it stands. */
	get wrong(): ReadonlyMap<string, string> {
		const own = check(this.criteria);
		if (this.name.trim() === '') own.set('name', en.wrong.title);
		return new Map([...this.#refused, ...own]);
	}

	/** Keeps what is written in this browser; the screen calls it while one types. */
	keep(now: number): void {
		if (this.changed)
			keep(this.#id, { name: this.name, criteria: bodyOf(this.criteria), base: this.base.number, at: now });
		else forget(this.#id);
		if (this.#refused.size > 0) this.#refused = new Map();
	}

	add(): number {
		const one = freshCriterion();
		this.criteria.push(one);
		this.toggle(one.key, true);
		return one.key;
	}

	copy(key: number): number {
		const at = this.criteria.findIndex((one) => one.key === key);
		const model = this.criteria[at];
		if (!model) return key;
		const one = copyOf($state.snapshot(model));
		this.criteria.splice(at + 1, 0, one);
		this.toggle(one.key, true);
		return one.key;
	}

	/** Takes a criterion out, and gives what puts it back in its place. */
	drop(key: number): () => void {
		const at = this.criteria.findIndex((one) => one.key === key);
		const [gone] = this.criteria.splice(at, 1);
		return () => {
			if (gone) this.criteria.splice(at, 0, gone);
		};
	}

	move(from: number, to: number): void {
		this.criteria = moved(this.criteria, from, to);
	}

	addLevel(criterion: CriterionDraft): void {
		criterion.levels = levelAdded(criterion.levels);
	}

	toggle(key: number, open = !this.open.has(key)): void {
		const next = new Set(this.open);
		if (open) next.add(key);
		else next.delete(key);
		this.open = next;
	}

	/** Opens every criterion in which something is wrong. */
	showWrong(): void {
		const paths = [...this.wrong.keys()];
		const keys = this.criteria.filter((_, i) => paths.some((path) => path.startsWith(`criteria[${i}]`)));
		this.open = new Set([...this.open, ...keys.map((one) => one.key)]);
	}

	/** Saves on top of this version; true when it is saved. */
	async save(on = this.base): Promise<boolean> {
		if (this.busy) return false;
		if (this.wrong.size > 0) {
			this.showWrong();
			return false;
		}
		this.busy = true;
		this.problem = undefined;
		try {
			const next = await this.#save(this.name.trim(), bodyOf(this.criteria), on.number);
			forget(this.#id);
			this.begin(this.name.trim(), next);
			return true;
		} catch (thrown) {
			const problem = asProblem(thrown);
			this.overtaken = problem.code === 'rubric_changed';
			this.problem = this.overtaken ? undefined : problem;
			// That somebody was faster is nothing that stands wrong at a field.
			this.#refused = new Map(this.overtaken ? [] : Object.entries(problem.fields));
			this.showWrong();
			return false;
		} finally {
			this.busy = false;
		}
	}

	/**
	 * Goes on with the same words on top of what somebody else saved meanwhile. `stands` says which criterion of that
	 * stands for one of the version that these words were written on.
	 */
	rebase(name: string, base: Base, stands: ReadonlyMap<string, string>): void {
		if (this.name.trim() === this.#begun.name) this.name = name;
		this.criteria = this.criteria.map((one) => ({ ...one, continues: stands.get(one.continues) ?? one.continues }));
		this.base = base;
		this.writtenOn = base.number;
		this.#begun = { name, criteria: draftOf(base.criteria) };
		this.overtaken = false;
	}

	#settle(): void {
		this.problem = undefined;
		this.found = undefined;
		this.overtaken = false;
		this.#refused = new Map();
	}
}
