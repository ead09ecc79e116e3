/** The bytes of a take while it is recorded, copied, or read from a large file that stays where it is. */
import { Sha256 } from './sha256.ts';
import type { Spool } from './spool.ts';
import type { TakeRow } from './take.ts';
import type { ByteSource } from './transfer.ts';

const MIB = 1024 * 1024;
/** How often the state of a long hash is put away. */
const KEEP_HASH_EVERY = 64 * MIB;

/** A take in the spool that may still be growing. */
export class GrowingSource implements ByteSource {
	readonly #spool: Spool;
	readonly #id: string;
	readonly #hash: Sha256;
	#size: number | null;
	#spooled: number;
	/** What the phone had no room for; it lives as long as the page. */
	#tail: Uint8Array<ArrayBuffer>[] = [];
	#available: number;
	#queue: Promise<void> = Promise.resolve();
	#waiters = new Set<() => void>();

	constructor(spool: Spool, row: TakeRow) {
		this.#spool = spool;
		this.#id = row.id;
		this.#hash = Sha256.from(row.hash);
		this.#spooled = row.written;
		this.#available = row.written;
		this.#size = row.size;
	}

	get size(): number | null {
		return this.#size;
	}

	get available(): number {
		return this.#available;
	}

	/** Whether every byte is on the disk; false once the phone refused one. */
	get safe(): boolean {
		return this.#spool.durable && this.#tail.length === 0;
	}

	get hash(): Sha256 {
		return this.#hash;
	}

	/** Adds a slice. Slices may be handed over faster than the disk takes them; their order is kept. */
	append(slice: Blob): Promise<void> {
		const done = this.#queue.then(() => this.#keep(slice));
		this.#queue = done.catch(() => {});
		return done;
	}

	async #keep(slice: Blob): Promise<void> {
		const bytes = await slice.arrayBuffer();
		if (bytes.byteLength === 0) return;
		this.#hash.update(new Uint8Array(bytes));
		if (this.#tail.length === 0) {
			try {
				await this.#spool.append(this.#id, bytes, this.#hash.state());
				this.#spooled += bytes.byteLength;
			} catch {
				// The phone is full. The rest can still be sent from memory, while the page is open.
				this.#tail.push(new Uint8Array(bytes));
			}
		} else {
			this.#tail.push(new Uint8Array(bytes));
		}
		this.#available += bytes.byteLength;
		this.#wake();
	}

	/** Nothing more comes. Resolves with the size when all of it is kept. */
	async close(): Promise<number> {
		await this.#queue;
		this.#size = this.#available;
		this.#wake();
		return this.#size;
	}

	more(offset: number, signal: AbortSignal): Promise<void> {
		return new Promise((resolve, reject) => {
			const look = () => {
				if (signal.aborted) reject(signal.reason);
				else if (this.#available > offset || this.#size !== null) resolve();
				else return;
				this.#waiters.delete(look);
				signal.removeEventListener('abort', look);
			};
			this.#waiters.add(look);
			signal.addEventListener('abort', look);
			look();
		});
	}

	async read(start: number, end: number): Promise<Blob> {
		const parts = await this.#spool.read(this.#id, start, Math.min(end, this.#spooled));
		let at = this.#spooled;
		for (const piece of this.#tail) {
			const cut = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
			if (cut.length > 0) parts.push(cut);
			at += piece.length;
		}
		const blob = new Blob(parts);
		if (blob.size !== end - start) throw new Error('The take is not on this phone any more.');
		return blob;
	}

	/** Everything so far. */
	all(): Promise<Blob> {
		return this.read(0, this.#available);
	}

	#wake(): void {
		for (const look of [...this.#waiters]) look();
	}
}

/** A file too large to be copied: it is read where it lies, and hashed while it is sent. */
export class FileSource implements ByteSource {
	readonly #file: Blob;

	constructor(file: Blob) {
		this.#file = file;
	}

	get size(): number {
		return this.#file.size;
	}

	get available(): number {
		return this.#file.size;
	}

	async more(): Promise<void> {}

	async read(start: number, end: number): Promise<Blob> {
		// Read now: a Blob of a file that has gone fails inside the request, where it looks like a lost network.
		return new Blob([await this.#file.slice(start, end).arrayBuffer()]);
	}

	async all(): Promise<Blob> {
		return this.#file;
	}

	/** Hashes what row.hash does not cover yet, and keeps the state in the spool now and then. */
	async hash(spool: Spool, row: TakeRow, signal: AbortSignal): Promise<void> {
		const hash = Sha256.from(row.hash);
		let kept = hash.length;
		while (hash.length < this.#file.size) {
			signal.throwIfAborted();
			const piece = await this.#file.slice(hash.length, hash.length + MIB).arrayBuffer();
			hash.update(new Uint8Array(piece));
			if (hash.length - kept < KEEP_HASH_EVERY && hash.length < this.#file.size) continue;
			kept = hash.length;
			await spool.change(row.id, { hash: hash.state() });
		}
	}
}

/** The SHA-256 of the first MiB: with name and size it tells whether this is the same file again. */
export async function headOf(file: Blob): Promise<string> {
	return new Sha256().update(new Uint8Array(await file.slice(0, MIB).arrayBuffer())).hex();
}
