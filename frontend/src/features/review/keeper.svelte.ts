import { asProblem, noAnswer, type Problem } from '../../api/problem.ts';
import { type Content, contentOf, same } from './content.ts';
import type { Shelf } from './kept.ts';
import type { Draft } from './types.ts';

/** Where a draft is: on the server; on its way there; on this device alone; or changed elsewhere, too. */
export type Standing = 'saved' | 'saving' | 'here' | 'conflict' | 'refused';

/** Hands a draft to the server, until `late` ends; rejects with a Problem. */
export type Save = (
	content: Content,
	base_version: number,
	keepalive: boolean,
	late: AbortSignal,
) => Promise<{ version: number; saved_at?: string }>;

/** How long a hand rests before the server is told. */
const rest = 700;
/** How long until the server is asked again. */
const again = 8_000;
/** How long an answer may take: a dead tunnel gives none for minutes, and no error either. */
const patience = 15_000;
const mostSteps = 100;

/**
 * A draft that cannot be lost: each change is on this device at once and on the server soon after. Two devices that
 * wrote at the same time are told, and one chooses.
 */
export class Keeper {
	content = $state.raw<Content>({ levels: {}, notes: [], retry_criteria: [] });
	standing = $state<Standing>('saved');
	/** The draft that was written elsewhere meanwhile. */
	other = $state.raw<Draft>();
	/** Why the server will not have it. */
	problem = $state.raw<Problem>();
	/** The server did not answer when it was told last. */
	away = $state(false);
	/** The device does not keep anything: what the server does not have is lost with the page. */
	loose = $state(false);

	#version: number;
	#shelf: Shelf;
	#save: Save;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#running: Promise<void> | undefined;
	/** What the server was told last. */
	#told: Content | undefined;
	#stopped = false;
	#steps: Content[] = [];
	#group = '';

	constructor(draft: Draft, shelf: Shelf, save: Save) {
		[this.#shelf, this.#save, this.#version] = [shelf, save, draft.version];
		this.content = contentOf(draft);
		const kept = shelf.read();
		if (!kept) return;
		this.#told = kept.told; // it may be on its way still
		if (same(kept.content, this.content)) {
			shelf.clear();
		} else if (kept.version === draft.version || (kept.told && same(kept.told, this.content))) {
			this.content = kept.content;
			this.standing = 'here';
			this.#soon(0);
		} else {
			this.content = kept.content;
			this.other = draft;
			this.standing = 'conflict';
		}
	}

	/** The version of the server's draft that this one was written on. */
	get version(): number {
		return this.#version;
	}

	/** Takes over a new content. Changes of one `group` that follow each other are one step back, such as the letters of a note. */
	change(content: Content, group = ''): void {
		if (this.#stopped || same(content, this.content)) return;
		if (group === '' || group !== this.#group) this.#steps = [...this.#steps.slice(1 - mostSteps), this.content];
		this.#group = group;
		this.#put(content);
	}

	get undoable(): boolean {
		return this.#steps.length > 0;
	}

	/** Takes back the last step; false where there is none. */
	undo(): boolean {
		const before = this.#steps.at(-1);
		if (!before || this.#stopped) return false;
		this.#steps = this.#steps.slice(0, -1);
		this.#group = '';
		this.#put(before);
		return true;
	}

	/** Settles between what was written here and elsewhere. */
	choose(which: 'mine' | 'theirs'): void {
		const other = this.other;
		if (!other) return;
		this.other = undefined;
		this.#version = other.version;
		if (which === 'theirs') {
			this.#steps = [...this.#steps, this.content]; // one may still think again
			this.content = contentOf(other);
			this.#shelf.clear();
			this.standing = 'saved';
		} else this.#put(this.content);
	}

	/** Hands over now what waits; `leaving` sends it in a request that outlives the page. */
	async flush(leaving = false): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		// Two at once would look to the server as if two devices wrote. What is not sent is kept here.
		while (this.#running) {
			if (leaving) return;
			await this.#running;
		}
		if (this.#stopped || this.other || ['saved', 'refused'].includes(this.standing)) return;
		const run = this.#hand(this.content, leaving).finally(() => {
			this.#running = undefined;
		});
		this.#running = run;
		await run;
	}

	/** Stops saving, and waits for what is under way: it is about to be sent. */
	async hold(): Promise<void> {
		clearTimeout(this.#timer);
		this.#stopped = true;
		await this.#running;
	}

	/** Goes on saving: it was not sent after all. */
	release(): void {
		this.#stopped = false;
		if (this.standing === 'here') this.#soon(again);
	}

	/** It was sent: nothing is kept here any more. */
	forget(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
		this.#shelf.clear();
		this.standing = 'saved';
	}

	#put(content: Content): void {
		this.content = content;
		this.#keep();
		if (this.other || this.standing === 'refused') return;
		this.standing = 'here';
		this.#soon(rest);
	}

	#keep(): void {
		const told = this.#told ? { told: this.#told } : {};
		const at = new Date().toISOString();
		this.loose = !this.#shelf.write({ version: this.#version, content: this.content, at, ...told });
	}

	#soon(ms: number): void {
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => void this.flush(), ms);
	}

	async #hand(content: Content, leaving: boolean): Promise<void> {
		this.standing = 'saving';
		const before = this.#told;
		this.#told = content;
		this.#keep();
		const late = new AbortController();
		const timer = setTimeout(() => late.abort(noAnswer()), patience);
		try {
			const { version } = await this.#save(content, this.#version, leaving, late.signal);
			this.#version = version;
			this.away = false;
			if (same(content, this.content)) {
				this.#shelf.clear();
				this.standing = 'saved';
			} else this.#put(this.content);
		} catch (thrown) {
			this.#failed(asProblem(thrown), before);
		} finally {
			clearTimeout(timer);
		}
	}

	/** `before` is what the server was told the time before. */
	#failed(problem: Problem, before: Content | undefined): void {
		const other = problem.code === 'draft_changed' ? draftOf(problem.context) : undefined;
		if (other && same(contentOf(other), this.content)) {
			// Our own words came back: the answer to an earlier try was lost.
			this.#version = other.version;
			this.#shelf.clear();
			this.standing = 'saved';
		} else if (other && before && same(contentOf(other), before)) {
			this.#version = other.version; // the same, and more was written since
			this.#put(this.content);
		} else if (other) {
			this.other = other;
			this.standing = 'conflict';
		} else if (problem.status === 0 || problem.status === 401 || problem.status === 429 || problem.status >= 500) {
			this.standing = 'here';
			this.away = true;
			if (!this.#stopped) this.#soon(again);
		} else {
			this.problem = problem;
			this.standing = 'refused';
		}
	}
}

/** The draft that the server has, out of the problem that told of it. */
function draftOf(context: Readonly<Record<string, unknown>>): Draft | undefined {
	const draft = (context.draft ?? context) as Partial<Draft>;
	if (!Number.isInteger(draft.version)) return;
	return {
		version: draft.version as number,
		levels: draft.levels ?? {},
		notes: draft.notes ?? [],
		retry_criteria: draft.retry_criteria ?? [],
		message: draft.message ?? '',
		...(draft.decision ? { decision: draft.decision } : {}),
		...(draft.saved_at ? { saved_at: draft.saved_at } : {}),
	};
}
