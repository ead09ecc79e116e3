/** Sends one take: what is left to do for it, until it is done or waits for the person. */
import { type Server, ServerError } from './server.ts';
import { FileSource, GrowingSource } from './source.ts';
import { ReceiptDiffers, type Spool } from './spool.ts';
import type { Entry, Phase } from './state.ts';
import type { TakeChange, TakeRow } from './take.ts';
import { Ahead, type TransferOptions } from './transfer.ts';

/** What a sender needs; given by the outbox. */
export interface SenderOptions {
	readonly server: Server;
	readonly spool: Promise<Spool>;
	readonly transfer: (options: TransferOptions) => Promise<void>;
	readonly backoff: (failures: number) => number;
	readonly metered: () => boolean;
	readonly askAbove: number;
	readonly now: () => number;
	readonly newId: () => string;
	/** Changes the row, in the spool and in the entry. */
	change(e: Entry, change: TakeChange): Promise<void>;
	/** The take was sent and its row is gone: it may leave the list in a while. */
	done(e: Entry): void;
	/** The take is gone from this phone. */
	drop(e: Entry): void;
	/** Something of the entry has changed; for progress it need not be told at once. */
	tell(progress?: boolean): void;
}

export class Sender {
	readonly #o: SenderOptions;

	constructor(o: SenderOptions) {
		this.#o = o;
	}

	/** Does what is left to do for a take, until it is done or waits for the person. */
	async send(e: Entry, signal: AbortSignal): Promise<void> {
		const spool = await this.#o.spool;
		let failures = 0;
		while (!signal.aborted) {
			const row = await spool.row(e.row.id);
			if (!row) return this.#o.drop(e);
			// The tail that the disk refused is known in memory only.
			e.row = { ...row, size: row.size ?? e.row.size };
			if (row.refusal) return this.#set(e, 'refused');
			try {
				const before = e.sent;
				const end = await this.#step(e, row, signal);
				if (end) return;
				if (e.sent > before) failures = 0;
			} catch (error) {
				if (signal.aborted) return;
				const wait = await this.#failed(e, error);
				if (wait === null) return;
				if (wait === 'now' && failures < 3) {
					failures++;
					continue;
				}
				if (!e.recording) this.#set(e, 'waiting');
				await this.#pause(e, this.#o.backoff(failures++), signal);
			}
		}
	}

	/** One try at the next thing to do. True when nothing is left that could be done without the person. */
	async #step(e: Entry, row: TakeRow, signal: AbortSignal): Promise<boolean> {
		const spool = await this.#o.spool;
		if (row.discarded) {
			await this.#removeThere(row);
			await spool.forget(row.id);
			this.#o.drop(e);
			return true;
		}
		if (row.videoId !== null) {
			if (row.details) {
				await this.#o.server.describe(row.videoId, row.details);
				await this.#o.change(e, { details: null });
			}
			this.#set(e, 'sent');
			if (!e.held) {
				await spool.forget(row.id);
				this.#o.done(e);
			}
			return true;
		}
		e.source ??= restored(spool, row);
		const source = e.source;
		if (!source) {
			this.#set(e, 'file');
			return true;
		}
		if (!e.recording && !e.meteredOk && this.#o.metered() && source.available - e.sent > this.#o.askAbove) {
			this.#set(e, 'mobile');
			return true;
		}
		// Nothing is begun on the server for a recording that was given up at once.
		await source.more(0, signal);
		if (source.size === 0) {
			await spool.discard(row.id);
			return false;
		}
		// A recording that a crash cut off ends where it was cut.
		if (row.size === null && source.size !== null) await this.#o.change(e, { size: source.size });
		if (!row.url) {
			const { clientId, filename, title, purpose = null } = row;
			const c = { clientId, filename, title, purpose, length: source.size };
			await this.#o.change(e, { url: await this.#o.server.create(c) });
			return false;
		}
		if (!e.recording) this.#set(e, 'sending');
		const hashing = source instanceof FileSource ? source.hash(spool, row, signal) : Promise.resolve();
		hashing.catch(() => {}); // looked at below, after the bytes
		e.rate = { at: this.#o.now(), sent: e.sent, perSecond: null };
		await this.#o.transfer({ url: row.url, source, signal, onProgress: (sent) => this.#progress(e, sent) });
		this.#set(e, 'checking');
		await hashing;
		await this.#check(e, row.url);
		return false;
	}

	async #check(e: Entry, url: string): Promise<void> {
		const spool = await this.#o.spool;
		const receipt = await this.#o.server.receipt(url);
		if (receipt.state !== 'finished') throw new ServerError(0, 'not_finished', '');
		const source = e.source;
		if (source instanceof GrowingSource && !source.safe) {
			// Part of it never reached the disk: hold the receipt against what is in memory.
			await spool.change(e.row.id, { size: source.size, hash: source.hash.state() });
		}
		e.row = await spool.release(e.row.id, receipt);
		e.sent = receipt.size;
	}

	#progress(e: Entry, sent: number): void {
		const now = this.#o.now();
		if (!e.recording && e.phase !== 'sending') e.phase = 'sending';
		e.sent = sent;
		const seconds = (now - e.rate.at) / 1000;
		if (seconds >= 1) {
			const fresh = Math.max(0, sent - e.rate.sent) / seconds;
			e.rate = { at: now, sent, perSecond: e.rate.perSecond === null ? fresh : 0.6 * e.rate.perSecond + 0.4 * fresh };
		}
		this.#o.tell(true);
	}

	/** Decides what an error means: a wait and another try, another try now, or (null) the person's turn. */
	async #failed(e: Entry, error: unknown): Promise<'later' | 'now' | null> {
		if (error instanceof ReceiptDiffers) {
			await this.#o.change(e, { refusal: { code: 'hash_differs', detail: '' } });
			this.#set(e, 'refused');
			return null;
		}
		if (error instanceof Ahead) {
			// What was kept here is sent as an upload of its own; what the server has more of was never promised.
			await this.#o.change(e, { clientId: this.#o.newId(), url: null });
			return 'now';
		}
		if (error instanceof DOMException && error.name === 'NotReadableError' && e.source instanceof FileSource) {
			e.source = null;
			return 'now';
		}
		if (!(error instanceof ServerError)) return 'later';
		switch (error.kind) {
			case 'later':
				return 'later';
			case 'sign_in':
				if (!e.recording) this.#set(e, 'sign_in');
				return null;
			case 'gone':
				if (e.row.videoId !== null) {
					// The video was deleted meanwhile: there is nothing left to describe.
					await this.#o.change(e, { details: null });
					return 'now';
				}
				await this.#o.change(e, { url: null });
				return 'now';
			case 'refused':
				if (error.code === 'upload_client_id_conflict') {
					// As with Ahead: the server has more of it, under this id.
					await this.#o.change(e, { clientId: this.#o.newId(), url: null });
					return 'now';
				}
				if (e.recording) return 'later';
				await this.#o.change(e, { refusal: { code: error.code, detail: error.message } });
				this.#set(e, 'refused');
				return null;
		}
	}

	async #removeThere(row: TakeRow): Promise<void> {
		if (row.videoId !== null) return this.#o.server.deleteVideo(row.videoId);
		if (!row.url) return;
		try {
			await this.#o.server.terminate(row.url);
		} catch (error) {
			if (!(error instanceof ServerError) || error.code !== 'upload_finished') throw error;
			const { videoId } = await this.#o.server.receipt(row.url);
			await this.#o.server.deleteVideo(videoId);
		}
	}

	#pause(e: Entry, ms: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve) => {
			const end = () => {
				clearTimeout(timer);
				signal.removeEventListener('abort', end);
				e.wake = null;
				resolve();
			};
			const timer = setTimeout(end, ms);
			signal.addEventListener('abort', end);
			e.wake = end;
		});
	}

	#set(e: Entry, phase: Phase): void {
		e.phase = phase;
		this.#o.tell();
	}
}

/** The bytes of a take that was found in the spool, which grows no more; null if some are missing from it. */
function restored(spool: Spool, row: TakeRow): GrowingSource | null {
	if (row.file && row.written < row.file.size) return null;
	return new GrowingSource(spool, { ...row, size: row.size ?? row.written });
}
