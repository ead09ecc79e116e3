/**
 * Takes on this phone: a row and its bytes in IndexedDB. Every slice is one strict transaction (row and bytes
 * together, on the disk before it is called done), so that a killed browser loses at most the slice that was on its
 * way. The bytes go when the server's receipt has the same size and SHA-256, or when the person gives the take up;
 * there is no third way.
 */
import { Sha256, type Sha256State } from './sha256.ts';
import type { Receipt, TakeChange, TakeRow } from './take.ts';

const DATABASE = 'fieldreel-takes';
const ROWS = 'takes';
const BYTES = 'bytes';

export interface Spool {
	/** False where nothing survives the page: the browser gives us no IndexedDB. */
	readonly durable: boolean;
	begin(row: TakeRow): Promise<void>;
	/** Adds bytes at the end; resolves when they are on the disk. The hash covers them. */
	append(id: string, bytes: ArrayBuffer, hash: Sha256State): Promise<void>;
	/** Bytes [start, end), as far as they are written. */
	read(id: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>[]>;
	rows(): Promise<TakeRow[]>;
	row(id: string): Promise<TakeRow | undefined>;
	/** Changes the row and gives the new one; undefined if the take is gone. */
	change(id: string, change: TakeChange): Promise<TakeRow | undefined>;
	/** Frees the bytes of a take that the server has: refused unless the receipt's size and SHA-256 are equal. */
	release(id: string, receipt: Receipt): Promise<TakeRow>;
	/** Deletes the bytes because the person said so; the row stays until the server has been told. */
	discard(id: string): Promise<void>;
	/** Forgets the row of a released or discarded take. */
	forget(id: string): Promise<void>;
}

/** The server's receipt is not about these bytes: they stay. */
export class ReceiptDiffers extends Error {
	override name = 'ReceiptDiffers';
}

function checkReceipt(row: TakeRow | undefined, receipt: Receipt): TakeRow {
	if (!row) throw new ReceiptDiffers('The take is not on this phone.');
	const whole = row.size !== null && row.hash.length === row.size;
	const equal = receipt.state === 'finished' && receipt.size === row.size && receipt.videoId !== '';
	if (!whole || !equal || receipt.sha256.toLowerCase() !== Sha256.from(row.hash).hex()) {
		throw new ReceiptDiffers('What the server has is not what was recorded here.');
	}
	return row;
}

function checkAppend(row: TakeRow | undefined, bytes: ArrayBuffer, hash: Sha256State): TakeRow {
	if (!row || row.discarded) throw new Error('The take is not on this phone.');
	if (hash.length !== row.written + bytes.byteLength) throw new Error('The hash does not cover these bytes.');
	return { ...row, written: hash.length, hash };
}

function checkForget(row: TakeRow | undefined): void {
	if (row && row.videoId === null && !row.discarded) throw new ReceiptDiffers('The server has not got this take yet.');
}

function discarded(row: TakeRow): TakeRow {
	return { ...row, discarded: true, written: 0, details: null, refusal: null };
}

/** Opens the spool; where the browser refuses IndexedDB, one that lives as long as the page. */
export async function openSpool(factory: IDBFactory | undefined = globalThis.indexedDB): Promise<Spool> {
	if (!factory) return new MemorySpool();
	try {
		return new DiskSpool(await open(factory));
	} catch {
		return new MemorySpool();
	}
}

function open(factory: IDBFactory): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = factory.open(DATABASE, 1);
		request.onupgradeneeded = () => {
			request.result.createObjectStore(ROWS, { keyPath: 'id' });
			request.result.createObjectStore(BYTES);
		};
		request.onsuccess = () => {
			// A newer client in another tab wants to change the form of the store: do not stand in its way.
			request.result.onversionchange = () => request.result.close();
			resolve(request.result);
		};
		request.onerror = () => reject(request.error);
	});
}

function result<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

class DiskSpool implements Spool {
	readonly durable = true;
	#db: IDBDatabase;

	constructor(db: IDBDatabase) {
		this.#db = db;
	}

	/** Runs one strict transaction; resolves after it is on the disk. An error in work rolls everything back. */
	async #write<T>(work: (rows: IDBObjectStore, bytes: IDBObjectStore) => Promise<T>): Promise<T> {
		const tx = this.#db.transaction([ROWS, BYTES], 'readwrite', { durability: 'strict' });
		const done = new Promise<void>((resolve, reject) => {
			tx.oncomplete = () => resolve();
			tx.onabort = () => reject(tx.error ?? new Error('The phone did not keep this.'));
		});
		let value: T;
		try {
			value = await work(tx.objectStore(ROWS), tx.objectStore(BYTES));
		} catch (error) {
			done.catch(() => {}); // the first error says more
			try {
				tx.abort();
			} catch {
				// Already rolled back by the error itself.
			}
			throw error;
		}
		await done;
		return value;
	}

	async begin(row: TakeRow): Promise<void> {
		await this.#write((rows) => result(rows.add(row)));
	}

	async append(id: string, bytes: ArrayBuffer, hash: Sha256State): Promise<void> {
		await this.#write(async (rows, store) => {
			const row = (await result(rows.get(id))) as TakeRow | undefined;
			const next = checkAppend(row, bytes, hash);
			rows.put(next);
			await result(store.add(bytes, [id, next.written - bytes.byteLength]));
		});
	}

	async read(id: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>[]> {
		if (end <= start) return [];
		const store = this.#db.transaction(BYTES, 'readonly').objectStore(BYTES);
		const parts: Uint8Array<ArrayBuffer>[] = [];
		// The piece that holds start begins at or before it.
		const before = store.openKeyCursor(IDBKeyRange.bound([id, 0], [id, start]), 'prev');
		const first = await result(before);
		const from = first ? (first.primaryKey as [string, number])[1] : start;
		await new Promise<void>((resolve, reject) => {
			const walk = store.openCursor(IDBKeyRange.bound([id, from], [id, end], false, true));
			walk.onerror = () => reject(walk.error);
			walk.onsuccess = () => {
				const cursor = walk.result;
				if (!cursor) return resolve();
				const at = (cursor.primaryKey as [string, number])[1];
				const piece = new Uint8Array(cursor.value as ArrayBuffer);
				const cut = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
				if (cut.length > 0) parts.push(cut);
				cursor.continue();
			};
		});
		return parts;
	}

	async rows(): Promise<TakeRow[]> {
		const rows = this.#db.transaction(ROWS, 'readonly').objectStore(ROWS);
		return (await result(rows.getAll())) as TakeRow[];
	}

	async row(id: string): Promise<TakeRow | undefined> {
		const rows = this.#db.transaction(ROWS, 'readonly').objectStore(ROWS);
		return (await result(rows.get(id))) as TakeRow | undefined;
	}

	change(id: string, change: TakeChange): Promise<TakeRow | undefined> {
		return this.#write(async (rows) => {
			const row = (await result(rows.get(id))) as TakeRow | undefined;
			if (!row) return undefined;
			const next = { ...row, ...change };
			await result(rows.put(next));
			return next;
		});
	}

	release(id: string, receipt: Receipt): Promise<TakeRow> {
		return this.#write(async (rows, bytes) => {
			const row = checkReceipt((await result(rows.get(id))) as TakeRow | undefined, receipt);
			const next = { ...row, videoId: receipt.videoId, written: 0 };
			rows.put(next);
			await result(bytes.delete(allOf(id)));
			return next;
		});
	}

	async discard(id: string): Promise<void> {
		await this.#write(async (rows, bytes) => {
			const row = (await result(rows.get(id))) as TakeRow | undefined;
			if (row) rows.put(discarded(row));
			await result(bytes.delete(allOf(id)));
		});
	}

	async forget(id: string): Promise<void> {
		await this.#write(async (rows) => {
			checkForget((await result(rows.get(id))) as TakeRow | undefined);
			await result(rows.delete(id));
		});
	}
}

function allOf(id: string): IDBKeyRange {
	return IDBKeyRange.bound([id, 0], [id, Number.POSITIVE_INFINITY]);
}

/** The same contract without a disk: a private window, or storage that is switched off. */
export class MemorySpool implements Spool {
	readonly durable = false;
	#rows = new Map<string, TakeRow>();
	#bytes = new Map<string, Uint8Array<ArrayBuffer>[]>();

	async begin(row: TakeRow): Promise<void> {
		if (this.#rows.has(row.id)) throw new Error('This take has begun already.');
		this.#rows.set(row.id, row);
		this.#bytes.set(row.id, []);
	}

	async append(id: string, bytes: ArrayBuffer, hash: Sha256State): Promise<void> {
		this.#rows.set(id, checkAppend(this.#rows.get(id), bytes, hash));
		this.#bytes.get(id)?.push(new Uint8Array(bytes));
	}

	async read(id: string, start: number, end: number): Promise<Uint8Array<ArrayBuffer>[]> {
		const parts: Uint8Array<ArrayBuffer>[] = [];
		let at = 0;
		for (const piece of this.#bytes.get(id) ?? []) {
			const cut = piece.subarray(Math.max(0, start - at), Math.max(0, end - at));
			if (cut.length > 0) parts.push(cut);
			at += piece.length;
		}
		return parts;
	}

	async rows(): Promise<TakeRow[]> {
		return [...this.#rows.values()];
	}

	async row(id: string): Promise<TakeRow | undefined> {
		return this.#rows.get(id);
	}

	async change(id: string, change: TakeChange): Promise<TakeRow | undefined> {
		const row = this.#rows.get(id);
		if (!row) return undefined;
		const next = { ...row, ...change };
		this.#rows.set(id, next);
		return next;
	}

	async release(id: string, receipt: Receipt): Promise<TakeRow> {
		const next = { ...checkReceipt(this.#rows.get(id), receipt), videoId: receipt.videoId, written: 0 };
		this.#rows.set(id, next);
		this.#bytes.delete(id);
		return next;
	}

	async discard(id: string): Promise<void> {
		const row = this.#rows.get(id);
		if (row) this.#rows.set(id, discarded(row));
		this.#bytes.delete(id);
	}

	async forget(id: string): Promise<void> {
		checkForget(this.#rows.get(id));
		this.#rows.delete(id);
	}
}
