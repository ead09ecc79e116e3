import { calls } from './calls.ts';
import type { Item, Review } from './types.ts';

/** How long what was fetched ahead may wait: its addresses end, and others write, too. */
const freshMs = 5 * 60_000;

/** The review that comes next, fetched and its take buffered while one looks at this one. */
class Ahead {
	next = $state.raw<Item>();
	#full: { id: string; at: number; review: Promise<Review> } | undefined;
	#buffer: HTMLVideoElement | undefined;
	#asked = 0;

	/** Looks what comes after `current`, or first where there is none, and fetches it. */
	async look(current: string): Promise<void> {
		const asked = ++this.#asked;
		try {
			const { items } = await calls.list('mine');
			if (asked !== this.#asked) return;
			const at = items.findIndex(({ id }) => id === current);
			const order = [...items.slice(at + 1), ...items.slice(0, Math.max(at, 0))];
			this.set(order.find(({ id, state }) => id !== current && state === 'waiting'));
		} catch {
			// The answer to what is sent names the next, too.
		}
	}

	/** Fetches this one. */
	set(item: Item | undefined): void {
		this.next = item;
		if (!item) return;
		if (this.#full?.id !== item.id || Date.now() - this.#full.at > freshMs) {
			const review = calls.review(item.id);
			review.catch(() => undefined); // asked again when it is wanted
			this.#full = { id: item.id, at: Date.now(), review };
			void this.#load(review);
		}
	}

	/** The review, where it was fetched ahead. It is given once: what is written to it makes it old. */
	async take(id: string): Promise<Review | undefined> {
		const full = this.#full;
		if (full?.id !== id || Date.now() - full.at > freshMs) return;
		this.#full = undefined;
		const review = await full.review.catch(() => undefined);
		return review?.may.send ? review : undefined; // what one has taken on since then is asked for anew
	}

	async #load(review: Promise<Review>): Promise<void> {
		try {
			const media = (await review).attempt.video?.media;
			if (!media?.progressive) return;
			if (media.poster) new Image().src = media.poster;
			// The browser keeps what one element has read for the next of the same address.
			this.#buffer ??= document.createElement('video');
			this.#buffer.preload = 'auto';
			this.#buffer.muted = true;
			this.#buffer.src = media.progressive;
		} catch {
			// Then it loads when it is shown.
		}
	}
}

export const ahead = new Ahead();
