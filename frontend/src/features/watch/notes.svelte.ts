import { api, data, type Schemas } from '../../api/client.ts';
import { newId } from '../../api/id.ts';
import { asProblem, type Problem } from '../../api/problem.ts';

export type Note = Schemas['NoteDTO'];

/** A note with what was answered. */
export interface Thread {
	readonly note: Note;
	readonly replies: readonly Note[];
}

/** How long a deleted note waits for its undo: a little longer than the toast that offers it. */
const grace = 12_500;

/** The notes on a video. */
export class Notes {
	items = $state.raw<readonly Note[]>([]);
	problem = $state.raw<Problem>();
	loaded = $state(false);
	#videoId: string;
	/** Deleted here; the server is told when nobody may take it back any more. */
	#leaving = new Map<string, ReturnType<typeof setTimeout>>();
	#hidden = $state.raw<ReadonlySet<string>>(new Set());

	constructor(videoId: string) {
		this.#videoId = videoId;
	}

	/** The threads by their second, without what was deleted here. */
	get threads(): Thread[] {
		const shown = this.items.filter(({ id }) => !this.#hidden.has(id));
		const replies = new Map<string, Note[]>();
		for (const note of shown) {
			const of = note.reply_to ?? '';
			replies.set(of, [...(replies.get(of) ?? []), note]);
		}
		return (replies.get('') ?? [])
			.map((note) => ({ note, replies: replies.get(note.id) ?? [] }))
			.sort((a, b) => a.note.at_ms - b.note.at_ms || a.note.created_at.localeCompare(b.note.created_at));
	}

	async load(signal?: AbortSignal): Promise<void> {
		try {
			const items: Note[] = [];
			for (let cursor = ''; ; ) {
				const page = await data(
					api.GET('/api/v1/videos/{id}/notes', {
						params: { path: { id: this.#videoId }, query: { limit: 100, ...(cursor ? { cursor } : {}) } },
						...(signal ? { signal } : {}),
					}),
				);
				items.push(...page.items);
				if (!page.next_cursor || items.length >= 1000) break;
				cursor = page.next_cursor;
			}
			[this.items, this.problem, this.loaded] = [items, undefined, true];
		} catch (thrown) {
			if (!signal?.aborted) this.problem = asProblem(thrown);
		}
	}

	/** Writes a note; the same id again is the same note. */
	async write(id: string, at_ms: number, text: string): Promise<void> {
		this.#put(await this.#post({ id, at_ms: Math.round(at_ms), text }));
	}

	async reply(id: string, to: string, text: string): Promise<void> {
		this.#put(await this.#post({ id, reply_to: to, text }));
	}

	async edit(note: Note, text: string): Promise<void> {
		const path = { id: this.#videoId, note_id: note.id };
		this.#put(await data(api.PATCH('/api/v1/videos/{id}/notes/{note_id}', { params: { path }, body: { text } })));
	}

	/** Hides a note now and deletes it for good when the time for an undo is over. `failed` is told when it comes back. */
	remove(note: Note, failed: (problem: Problem) => void): void {
		this.#hidden = new Set([...this.#hidden, note.id]);
		const end = () =>
			void this.#delete(note.id).catch((thrown: unknown) => {
				this.#show(note.id);
				failed(asProblem(thrown));
			});
		this.#leaving.set(note.id, setTimeout(end, grace));
	}

	restore(note: Note): void {
		clearTimeout(this.#leaving.get(note.id));
		this.#leaving.delete(note.id);
		this.#show(note.id);
	}

	/** Deletes now what still waits for an undo: the page goes away. */
	settle(): void {
		for (const [id, timer] of this.#leaving) {
			clearTimeout(timer);
			void this.#delete(id).catch(() => undefined); // it is still there when the page is opened again
		}
	}

	async #delete(id: string): Promise<void> {
		this.#leaving.delete(id);
		const path = { id: this.#videoId, note_id: id };
		await data(api.DELETE('/api/v1/videos/{id}/notes/{note_id}', { params: { path }, keepalive: true }));
		const answered = this.items.some(({ reply_to }) => reply_to === id);
		this.items = answered
			? this.items.map((note) => (note.id === id ? { ...note, deleted: true, text: '', mine: false } : note))
			: this.items.filter((note) => note.id !== id);
		this.#show(id);
	}

	#show(id: string): void {
		this.#hidden = new Set([...this.#hidden].filter((hidden) => hidden !== id));
	}

	#post(body: Schemas['WriteNoteRequestBody']): Promise<Note> {
		return data(api.POST('/api/v1/videos/{id}/notes', { params: { path: { id: this.#videoId } }, body }));
	}

	#put(note: Note): void {
		this.items = [...this.items.filter(({ id }) => id !== note.id), note];
	}
}

/** The quick labels: words at the beginning of a note, so that whoever reads it elsewhere reads them, too. */
export const labels = { good: 'Good', work: 'Work on this', question: 'Question' } as const;
export type Label = keyof typeof labels;

const kinds = Object.entries(labels) as [Label, string][];

/** Takes the quick label off a note's text. */
export function labelOf(text: string): { label: Label | undefined; rest: string } {
	for (const [label, words] of kinds) {
		if (text === words) return { label, rest: '' };
		if (text.startsWith(`${words}: `)) return { label, rest: text.slice(words.length + 2) };
	}
	return { label: undefined, rest: text };
}

/** Puts a quick label before a text, in place of another. */
export const withLabel = (text: string, label: Label): string => `${labels[label]}: ${labelOf(text).rest}`;

/** A fresh id for a note to come. */
export const noteId = newId;
