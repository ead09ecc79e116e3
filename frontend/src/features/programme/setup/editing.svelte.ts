import { asProblem, type Problem } from '../../../api/problem.ts';
import { check, fieldOf, wrongFields } from './check.ts';
import { type Body, bodyOf, differing, type Field, merge, type Setup, type Source, setupOf, take } from './setup.ts';

/** A programme as far as its set-up needs it. */
export interface Kept extends Source {
	readonly id: string;
	readonly version: number;
	readonly state: 'draft' | 'open' | 'closed';
}

/** How a programme comes and goes. */
export interface Server<P extends Kept> {
	load(): Promise<P>;
	/** Rejects with a problem `programme_changed` where the version is not the newest. */
	patch(version: number, body: Body): Promise<P>;
}

/** How long typing rests before a draft is saved. */
export const rest = 800;

/**
 * A programme's set-up while it is written. A draft saves itself; what people take part in already is saved when
 * asked. What somebody else changed meanwhile is taken in, or asked about, and never written over unseen.
 */
export class Editing<P extends Kept> {
	setup: Setup;
	programme: P;
	/** How many levels every criterion of the rubric has, for the checks; 0 for not known. */
	levels = $state(0);
	saving = $state(false);
	/** A file is on its way that is to be attached. */
	sending = $state(false);
	problem = $state.raw<Problem>();
	/** Changed by both, each otherwise. */
	conflicts = $state.raw<readonly Field[]>([]);
	/** Changed by somebody else, and taken in. */
	taken = $state.raw<readonly Field[]>([]);
	#theirs: Setup | undefined;
	#base: Setup;
	/** What the server refused, and the set-up that it refused. */
	#refused = $state.raw<{ fields: Readonly<Record<string, string>>; of: Setup }>();
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #server: Server<P>;

	constructor(programme: P, server: Server<P>) {
		this.programme = $state.raw(programme);
		this.setup = $state(setupOf(programme));
		this.#base = $state.raw(setupOf(programme));
		this.#server = server;
	}

	/** Saves by itself. */
	get draft(): boolean {
		return this.programme.state === 'draft';
	}

	/** The fields that are otherwise than on the server. */
	get changed(): Field[] {
		return differing(this.#base, this.setup);
	}

	/** What is wrong, by where it stands. */
	get wrong(): ReadonlyMap<string, string> {
		const found = check(this.setup, this.levels);
		const refused = this.#refused;
		if (!refused) return found;
		const other = differing(refused.of, this.setup); // asked again once it is otherwise
		for (const [path, words] of Object.entries(refused.fields))
			if (!found.has(path) && !other.some((field) => field === fieldOf(path))) found.set(path, words);
		return found;
	}

	/** The changes that cannot be saved as they are. */
	get held(): Field[] {
		const wrong = wrongFields(this.wrong);
		return this.changed.filter((field) => wrong.has(field) || this.conflicts.includes(field));
	}

	/** Something was typed: a draft is saved once typing rests. */
	touched(): void {
		clearTimeout(this.#timer);
		if (this.draft && this.changed.length > 0) this.#timer = setTimeout(() => void this.save(), rest);
	}

	/** Saves now what was waiting to be saved: the page is left. */
	flush(): void {
		clearTimeout(this.#timer);
		if (this.draft && this.changed.length > 0) void this.save();
	}

	/** Saves what can be saved; true when nothing is left. */
	async save(): Promise<boolean> {
		clearTimeout(this.#timer);
		if (this.saving) return false;
		const held = this.held;
		const sent = this.changed.filter((field) => !held.includes(field));
		if (sent.length === 0) return held.length === 0;
		this.saving = true;
		this.problem = undefined;
		let again = false;
		const was = $state.snapshot(this.setup) as Setup;
		try {
			this.#took(await this.#server.patch(this.programme.version, bodyOf(was, sent)), was);
		} catch (thrown) {
			await this.#failed(asProblem(thrown), was);
			// The rest may be saved without what was refused.
			again = sent.some((field) => this.held.includes(field));
		} finally {
			this.saving = false;
		}
		// Typed while the answer was under way.
		if ((again || !this.problem) && this.draft && this.changed.some((field) => !this.held.includes(field)))
			this.touched();
		return !this.problem && this.changed.length === 0;
	}

	/** Takes all changes back, and gives what brings them here again. */
	discard(): () => void {
		const was = $state.snapshot(this.setup) as Setup;
		this.setup = setupOf(this.programme);
		this.#settle();
		return () => {
			this.setup = was;
			this.touched();
		};
	}

	/** Settles what both changed: with one's own, or with theirs. */
	choose(field: Field, mine: boolean): void {
		if (!mine && this.#theirs) take(field, this.setup, this.#theirs);
		this.conflicts = this.conflicts.filter((one) => one !== field);
		this.touched();
	}

	/** The server has it otherwise now, for another reason than `save`: it was opened or closed. */
	took(programme: P): void {
		this.#took(programme, $state.snapshot(this.setup) as Setup);
	}

	/** What the server has now is the base; what was typed since it was sent stays. */
	#took(programme: P, sent: Setup): void {
		const now = setupOf(programme);
		for (const field of differing(this.setup, now)) {
			const typed = differing(sent, this.setup).includes(field);
			const unsent = differing(sent, now).includes(field) && differing(this.#base, sent).includes(field);
			if (!typed && !unsent) take(field, this.setup, now);
		}
		this.programme = programme;
		this.#base = now;
	}

	async #failed(problem: Problem, sent: Setup): Promise<void> {
		if (problem.code !== 'programme_changed') {
			this.problem = problem;
			this.#refused = { fields: problem.fields, of: sent };
			return;
		}
		try {
			const theirs = await this.#server.load();
			this.#theirs = setupOf(theirs);
			const { taken, conflicts } = merge(this.#base, this.setup, this.#theirs);
			this.taken = [...new Set([...this.taken, ...taken])];
			this.conflicts = conflicts;
			this.programme = theirs;
			this.#base = setupOf(theirs);
		} catch (thrown) {
			this.problem = asProblem(thrown);
		}
	}

	#settle(): void {
		clearTimeout(this.#timer);
		this.problem = undefined;
		this.conflicts = [];
		this.taken = [];
		this.#refused = undefined;
	}
}
