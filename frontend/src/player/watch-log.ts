import { newId } from '../api/id.ts';
import type { Range } from './played.ts';

/** A range that was played, as the API takes it. */
export interface WatchEvent {
	readonly id: string;
	readonly video_id: string;
	readonly from_ms: number;
	readonly to_ms: number;
	readonly at: string;
	readonly source: string;
}

/** What became of a batch: `done` holds for good, also for what the server refused; `later` means to send it again. */
export type Verdict = 'done' | 'later';

interface Options {
	/** Whose watching it is: somebody else on the same device never sends it. */
	readonly person: string;
	readonly send: (events: WatchEvent[]) => Promise<Verdict>;
	readonly storage?: Storage | undefined;
	readonly now?: () => number;
}

const prefix = 'fieldreel.watched.';
/** So many fit into what a browser lets a page send while it closes (64 kB). */
const batch = 200;
/** The server takes nothing older. */
const oldest = 29 * 86_400_000;

/**
 * What was watched, until the server has it. Every event is an entry of its own in the browser's storage, written before
 * it is sent and taken out after the server answered: a closed tab, a dead line or a second tab loses none, and since
 * the server counts an id once, sending twice does no harm. Storage that can be written while a page goes away is
 * synchronous, which rules out IndexedDB.
 */
export class WatchLog {
	readonly #o: Options;
	readonly #prefix: string;
	readonly #now: () => number;
	/** What no storage wanted. */
	readonly #loose = new Map<string, WatchEvent>();
	#sending = false;

	constructor(o: Options) {
		this.#o = o;
		this.#prefix = `${prefix}${o.person}.`;
		this.#now = o.now ?? Date.now;
	}

	/** Notes ranges that were played up to now. */
	add(videoId: string, ranges: readonly Range[], source: string): void {
		for (const { from_ms, to_ms } of ranges) {
			const id = newId();
			const at = new Date(this.#now()).toISOString();
			const event: WatchEvent = { id, video_id: videoId, from_ms, to_ms, at, source };
			try {
				if (!this.#o.storage) throw new Error('no storage');
				this.#o.storage.setItem(this.#prefix + id, JSON.stringify(event));
			} catch {
				this.#loose.set(id, event);
			}
		}
	}

	/** Sends what waits; while a batch is under way it does nothing. */
	async flush(): Promise<void> {
		if (this.#sending) return;
		this.#sending = true;
		try {
			for (;;) {
				const events = this.waiting().slice(0, batch);
				if (events.length === 0 || (await this.#o.send(events)) === 'later') return;
				for (const { id } of events) this.#forget(id);
			}
		} finally {
			this.#sending = false;
		}
	}

	/** What was not confirmed yet, oldest first; what is too old or unreadable is thrown away. */
	waiting(): WatchEvent[] {
		const events = [...this.#loose.values()];
		const storage = this.#o.storage;
		for (const key of storage ? keys(storage, this.#prefix) : []) {
			const event = parse(storage?.getItem(key));
			if (event && this.#now() - Date.parse(event.at) < oldest) events.push(event);
			else storage?.removeItem(key);
		}
		return events.sort((a, b) => a.at.localeCompare(b.at) || a.from_ms - b.from_ms);
	}

	#forget(id: string): void {
		this.#loose.delete(id);
		this.#o.storage?.removeItem(this.#prefix + id);
	}
}

function keys(storage: Storage, start: string): string[] {
	const found: string[] = [];
	for (let i = 0; i < storage.length; i++) {
		const key = storage.key(i);
		if (key?.startsWith(start)) found.push(key);
	}
	return found;
}

function parse(text: string | null | undefined): WatchEvent | undefined {
	try {
		const event = JSON.parse(text ?? '') as WatchEvent;
		return Number.isNaN(Date.parse(event.at)) ? undefined : event;
	} catch {
		return;
	}
}

/** Where a view came from, as the address says: a plain word, or "player". */
export const sourceOf = (from: string): string => (/^[\w-]{1,40}$/.test(from) ? from : 'player');
