import { api, data } from '../../api/client.ts';
import { newId } from '../../api/id.ts';
import { go } from '../../router.svelte.ts';
import { withNote } from './content.ts';
import type { Desk } from './desk.svelte.ts';
import type { DraftNote } from './types.ts';

/** A video reply that was begun: which note it belongs to. The camera is a page of its own, and the upload takes its time. */
interface Pending {
	readonly note: DraftNote;
	/** When the camera was opened, in milliseconds. */
	readonly since: number;
}

const nameOf = (review: string) => `fieldreel.reply.${review}`;
const every = 4000;
/** Clocks of device and server differ. */
const slack = 5 * 60_000;
/** After a day nobody waits for it any more. */
const longest = 24 * 3_600_000;

function read(review: string): Pending | undefined {
	try {
		const pending = JSON.parse(localStorage.getItem(nameOf(review)) ?? 'null') as Pending | null;
		return pending && Date.now() - pending.since < longest ? pending : undefined;
	} catch {
		return;
	}
}

/** Opens the camera for a note. */
export function beginReply(desk: Desk, note: DraftNote): void {
	try {
		localStorage.setItem(nameOf(desk.review.id), JSON.stringify({ note, since: Date.now() } satisfies Pending));
	} catch {
		// Then the video stands among one's own, and is not tied to the note.
	}
	const { id } = desk.review;
	go(`/record?kind=reply&for=${id}&back=${encodeURIComponent(`/reviews/${id}`)}`);
}

/** Ties the video that answers a note to it, once the server has it. */
export class Replies {
	pending = $state(false);
	readonly #desk: () => Desk;

	constructor(desk: () => Desk) {
		this.#desk = desk;
	}

	/** Looks for it until it is there; gives what ends that. */
	follow(): () => void {
		const { id } = this.#desk().review;
		this.pending = read(id) !== undefined && this.#desk().mine;
		if (!this.pending) return () => undefined;
		const look = () => void this.#look(id);
		look();
		const timer = setInterval(() => (this.pending ? look() : clearInterval(timer)), every);
		return () => clearInterval(timer);
	}

	async #look(review: string): Promise<void> {
		const pending = read(review);
		if (!pending) {
			this.pending = false;
			return;
		}
		const video = await newest(review, pending.since).catch(() => undefined);
		const desk = this.#desk();
		if (!video || !this.pending || desk.content.notes.some((note) => note.reply_video_id === video)) return;
		this.pending = false;
		localStorage.removeItem(nameOf(review));
		const note = desk.content.notes.find(({ id }) => id === pending.note.id) ?? { ...pending.note, id: newId() };
		desk.keeper.change(withNote(desk.content, { ...note, reply_video_id: video }));
	}
}

/** One's newest reply made for this review since the camera was opened. */
async function newest(review: string, since: number): Promise<string | undefined> {
	const query = { mine: true, kind: 'reply', for: review, limit: 20 };
	const { items } = await data(api.GET('/api/v1/videos', { params: { query } }));
	return items.find(({ created_at }) => Date.parse(created_at) >= since - slack)?.id;
}
