/**
 * The takes on this phone and what becomes of each: kept while it is recorded, sent while it is recorded, deleted here
 * when the server's receipt is equal. Whatever goes wrong, the take stays and goes on by itself, or says what it waits
 * for. Screens read a plain list and subscribe to it.
 */
import { newId } from '../api/id.ts';
import { type Locks, webLocks } from './locks.ts';
import { Sender } from './sender.ts';
import { SameOrigin, type Server, ServerError } from './server.ts';
import { Sha256 } from './sha256.ts';
import { FileSource, GrowingSource, headOf } from './source.ts';
import { openSpool, type Spool } from './spool.ts';
import { type Entry, entryOf, type Take, view } from './state.ts';
import type { Details, Purpose, Source, TakeChange, TakeRow } from './take.ts';
import { type TransferOptions, transfer } from './transfer.ts';

export interface NewTake {
	source: Source;
	mime: string;
	filename: string;
	title: string;
	purpose?: Purpose;
}

/** A take while it is recorded. */
export interface LiveTake {
	readonly id: string;
	append(slice: Blob): Promise<void>;
	/** The recording has ended. Resolves when the last slice is kept. */
	finish(durationMs: number): Promise<void>;
}

export interface OutboxOptions {
	server?: Server;
	spool?: Promise<Spool>;
	locks?: Locks;
	transfer?: (options: TransferOptions) => Promise<void>;
	/** Milliseconds to wait after the n-th failure in a row, from 0. */
	backoff?: (failures: number) => number;
	now?: () => number;
	newId?: () => string;
	/** Larger files are read where they lie. */
	copyBelow?: number;
	/** Whether sending costs the person money. */
	metered?: () => boolean;
	/** From how many bytes on the person is asked before mobile data is used. */
	askAbove?: number;
}

const COPY_BELOW = 500e6;
const ASK_ABOVE = 50e6;
const COPY_PIECE = 1024 * 1024;
/** How long a take that was sent stays on the list, so that it can be seen to have arrived. */
const SENT_SHOWN = 6_000;

export class Outbox {
	readonly #server: Server;
	readonly #spool: Promise<Spool>;
	readonly #locks: Locks;
	readonly #sender: Sender;
	readonly #now: () => number;
	readonly #newId: () => string;
	readonly #copyBelow: number;
	readonly #channel: BroadcastChannel | null;
	#owner: string | null = null;
	#entries = new Map<string, Entry>();
	#subscribers = new Set<(takes: readonly Take[]) => void>();
	#told = 0;

	constructor(o: OutboxOptions = {}) {
		this.#server = o.server ?? new SameOrigin();
		this.#spool = o.spool ?? openSpool();
		this.#locks = o.locks ?? webLocks();
		this.#now = o.now ?? Date.now;
		this.#newId = o.newId ?? newId;
		this.#copyBelow = o.copyBelow ?? COPY_BELOW;
		this.#sender = new Sender({
			server: this.#server,
			spool: this.#spool,
			transfer: o.transfer ?? transfer,
			backoff: o.backoff ?? defaultBackoff,
			metered: o.metered ?? onMobileData,
			askAbove: o.askAbove ?? ASK_ABOVE,
			now: this.#now,
			newId: this.#newId,
			change: (e, change) => this.#change(e, change),
			done: (e) => setTimeout(() => this.#drop(e), SENT_SHOWN),
			drop: (e) => this.#drop(e),
			tell: (progress) => this.#tell(progress),
		});
		this.#channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('fieldreel-takes');
		this.#channel?.addEventListener('message', (event: MessageEvent<string>) => void this.#reread(event.data));
		if (typeof window !== 'undefined') {
			window.addEventListener('online', () => this.wake());
			document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && this.wake());
		}
	}

	/** Calls at once and after every change; gives the way to stop. */
	subscribe(fn: (takes: readonly Take[]) => void): () => void {
		this.#subscribers.add(fn);
		fn(this.takes());
		return () => this.#subscribers.delete(fn);
	}

	/** The takes of the signed-in person on this phone, newest first. */
	takes(): readonly Take[] {
		return [...this.#entries.values()]
			.filter((e) => e.row.owner === this.#owner && !e.row.discarded)
			.map(view)
			.sort((a, b) => b.startedAt - a.startedAt);
	}

	/** Says who is signed in (null: nobody). Finds what is on this phone and goes on with it. */
	async open(owner: string | null): Promise<void> {
		if (owner !== this.#owner) {
			this.#owner = owner;
			await Promise.all([...this.#entries.values()].filter((e) => e.row.owner !== owner).map((e) => this.#halt(e)));
		}
		if (owner !== null) {
			const spool = await this.#spool;
			for (const row of await spool.rows()) {
				if (row.owner !== owner || this.#entries.has(row.id)) continue;
				this.#entries.set(row.id, entryOf(row, null));
			}
			for (const e of this.#entries.values()) if (e.row.owner === owner) this.#start(e);
		}
		this.#tell();
	}

	/** Tries again now whatever waits for a network. */
	wake(): void {
		for (const e of this.#entries.values()) e.wake?.();
	}

	/** Begins a take that is being recorded. */
	async record(n: NewTake): Promise<LiveTake> {
		const { e, source } = await this.#begin(n, null);
		e.recording = true;
		this.#start(e);
		this.#tell();
		const started = this.#now();
		return {
			id: e.row.id,
			append: async (slice) => {
				await source.append(slice);
				e.row = { ...e.row, durationMs: this.#now() - started };
				this.#tell(true);
			},
			finish: (durationMs) => this.#finish(e, source, durationMs),
		};
	}

	/** Takes in a picked file: copied, so that it goes on after a reload, unless it is too large for that. */
	async pick(file: File, title: string, purpose?: Purpose): Promise<string> {
		const mark = { name: file.name, size: file.size, head: await headOf(file) };
		const n: NewTake = { source: 'file', mime: file.type, filename: file.name, title, ...(purpose ? { purpose } : {}) };
		const { e, source } = await this.#begin(n, mark);
		await this.#take(e, source, file);
		return e.row.id;
	}

	/** Goes on with a picked file after a reload. False if it is another file. */
	async pickAgain(id: string, file: File): Promise<boolean> {
		const e = this.#entries.get(id);
		const mark = e?.row.file;
		if (!e || !mark || file.size !== mark.size || (await headOf(file)) !== mark.head) return false;
		await this.#halt(e);
		const spool = await this.#spool;
		const row = (await spool.row(id)) ?? e.row;
		e.row = row;
		await this.#take(e, new GrowingSource(spool, row), file);
		return true;
	}

	/** Keeps the take in the list after it is sent, for the screen that shows it; release ends that. */
	hold(id: string): void {
		const e = this.#entries.get(id);
		if (e) e.held = true;
	}

	async release(id: string): Promise<void> {
		const e = this.#entries.get(id);
		if (!e) return;
		e.held = false;
		this.#start(e);
	}

	/** What the person said about the take; told to the server as soon as the video exists there. */
	async describe(id: string, details: Details): Promise<void> {
		const e = this.#entries.get(id);
		if (!e) return;
		await this.#change(e, {
			details: { ...e.row.details, ...details },
			...(details.title ? { title: details.title } : {}),
		});
		this.#start(e);
	}

	/** Tries again what was refused, or sends over mobile data after all. */
	async retry(id: string): Promise<void> {
		const e = this.#entries.get(id);
		if (!e) return;
		e.meteredOk = true;
		const fresh = e.row.refusal && e.row.videoId === null ? { clientId: this.#newId(), url: null } : {};
		if (e.row.refusal) await this.#change(e, { refusal: null, ...fresh });
		e.wake?.();
		this.#start(e);
	}

	/** Deletes the take here and on the server. The person has confirmed it. */
	async discard(id: string): Promise<void> {
		const e = this.#entries.get(id);
		if (!e) return;
		e.recording = false;
		await this.#halt(e);
		const spool = await this.#spool;
		await spool.discard(id);
		e.row = { ...e.row, ...(await spool.row(id)), discarded: true };
		e.source = null;
		this.#channel?.postMessage(id);
		this.#tell();
		this.#start(e);
	}

	/** Takes a sent or refused but received take off the list; nothing is deleted on the server. */
	async dismiss(id: string): Promise<void> {
		const e = this.#entries.get(id);
		if (!e || e.row.videoId === null) return;
		await this.#halt(e);
		await (await this.#spool).forget(id);
		this.#drop(e);
	}

	/** All bytes of the take, to play or to save them; null if they are not here. */
	async blob(id: string): Promise<Blob | null> {
		const e = this.#entries.get(id);
		const blob = await e?.source?.all().catch(() => null);
		return e && blob && blob.size > 0 ? blob.slice(0, blob.size, e.row.mime) : null;
	}

	/** The largest recording that the server takes, in bytes; null if unknown. */
	async maxBytes(): Promise<number | null> {
		return this.#server.maxBytes().catch(() => null);
	}

	async #begin(n: NewTake, file: TakeRow['file']): Promise<{ e: Entry; source: GrowingSource }> {
		const owner = this.#owner;
		if (owner === null) throw new ServerError(401, 'unauthenticated', '');
		const id = this.#newId();
		const row: TakeRow = {
			...n,
			id,
			owner,
			clientId: id,
			startedAt: this.#now(),
			durationMs: 0,
			written: 0,
			size: null,
			hash: new Sha256().state(),
			url: null,
			file,
			stopped: false,
			videoId: null,
			details: null,
			discarded: false,
			refusal: null,
		};
		const spool = await this.#spool;
		await spool.begin(row);
		const source = new GrowingSource(spool, row);
		const e = entryOf(row, source);
		e.held = true;
		this.#entries.set(id, e);
		return { e, source };
	}

	async #finish(e: Entry, source: GrowingSource, durationMs: number): Promise<void> {
		const size = await source.close();
		e.recording = false;
		e.phase = 'waiting';
		await this.#change(e, { size, durationMs, stopped: true, ...(source.safe ? {} : { hash: source.hash.state() }) });
		this.#start(e);
	}

	/** Copies the rest of a file into the spool while it is sent already; or reads it where it lies. */
	async #take(e: Entry, source: GrowingSource, file: File): Promise<void> {
		if (!(await this.#roomFor(file.size - source.available))) {
			e.source = new FileSource(file);
			await this.#change(e, { size: file.size, stopped: true });
			this.#start(e);
			return;
		}
		e.source = source;
		this.#start(e);
		this.#tell();
		const copy = async () => {
			for (let at = source.available; at < file.size; at += COPY_PIECE) {
				await source.append(file.slice(at, at + COPY_PIECE));
				if (!source.safe && (await this.#spool).durable) return this.#readInPlace(e, file);
				this.#tell(true);
			}
			await this.#finish(e, source, 0);
		};
		copy().catch(() => this.#lose(e));
	}

	/** The phone has no room for a copy after all. */
	async #readInPlace(e: Entry, file: File): Promise<void> {
		await this.#halt(e);
		e.source = new FileSource(file);
		await this.#change(e, { size: file.size, stopped: true });
		this.#start(e);
	}

	/** The file cannot be read any more. */
	async #lose(e: Entry): Promise<void> {
		await this.#halt(e);
		e.source = null;
		this.#start(e);
	}

	async #roomFor(bytes: number): Promise<boolean> {
		if (bytes >= this.#copyBelow || !(await this.#spool).durable) return false;
		const room = await globalThis.navigator?.storage?.estimate?.().catch(() => null);
		return !room?.quota || room.quota - (room.usage ?? 0) > bytes * 1.1;
	}

	async #change(e: Entry, change: TakeChange): Promise<void> {
		const spool = await this.#spool;
		// The row in the spool may have grown meanwhile, and is the truth; if the disk refuses, memory must do.
		const row = await spool.change(e.row.id, change).catch(() => undefined);
		e.row = row ?? { ...e.row, ...change };
		this.#channel?.postMessage(e.row.id);
		this.#tell();
	}

	/** Another tab has changed the take. */
	async #reread(id: string): Promise<void> {
		const row = await (await this.#spool).row(id);
		const e = this.#entries.get(id);
		if (!e) {
			if (row && row.owner === this.#owner) await this.open(this.#owner);
			return;
		}
		if (row && !row.discarded) {
			if (e.phase === 'elsewhere') e.row = row;
		} else if (!e.row.discarded) {
			await this.#halt(e);
			this.#drop(e);
		}
		this.#tell();
	}

	#drop(e: Entry): void {
		this.#entries.delete(e.row.id);
		this.#channel?.postMessage(e.row.id);
		this.#tell();
	}

	#tell(progress = false): void {
		const now = this.#now();
		if (progress && now - this.#told < 200) return;
		this.#told = now;
		const takes = this.takes();
		for (const fn of this.#subscribers) fn(takes);
	}

	async #halt(e: Entry): Promise<void> {
		const run = e.run;
		e.again = false;
		run?.stop.abort(new DOMException('halted', 'AbortError'));
		await run?.done;
	}

	/** Lets the sender look at the take, once more if it is at it already: something may have come after its last look. */
	#start(e: Entry): void {
		if (e.run) {
			e.again = true;
			e.wake?.();
			return;
		}
		const stop = new AbortController();
		const waiting = () => {
			e.phase = 'elsewhere';
			e.source = null; // the other tab may add to it
			this.#tell();
		};
		const done = this.#locks
			.hold(e.row.id, stop.signal, waiting, () => this.#sender.send(e, stop.signal))
			.catch(() => {}) // halted
			.then(() => {
				e.run = null;
				if (e.again && this.#entries.has(e.row.id)) {
					e.again = false;
					this.#start(e);
				}
			});
		e.run = { stop, done };
	}
}

/** 1, 2, 4 … 30 seconds, spread by a fifth so that phones do not come back all at once after an outage. */
function defaultBackoff(failures: number): number {
	return Math.min(30_000, 1000 * 2 ** failures) * (0.8 + 0.4 * Math.random());
}

/** Known on Android's Chromium only; elsewhere nobody is asked. */
function onMobileData(): boolean {
	const network = (globalThis.navigator as { connection?: { type?: string } } | undefined)?.connection;
	return network?.type === 'cellular';
}
