/** A voice note that the server has not got yet. */
export interface Voice {
	readonly note_id: string;
	readonly review_id: string;
	readonly person_id: string;
	readonly bytes: ArrayBuffer;
	readonly type: string;
}

/** The voice notes that are on this device only. */
export interface VoiceStore {
	/** Resolves when it is on the disk. */
	put(voice: Voice): Promise<void>;
	of(person: string, review: string): Promise<Voice[]>;
	drop(note: string): Promise<void>;
}

const table = 'voices';

function result<T>(request: IDBRequest<T>): Promise<T> {
	return new Promise((resolve, reject) => {
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error);
	});
}

/** Opens the store; where the browser refuses IndexedDB, one that lives as long as the page. */
export async function openVoices(factory: IDBFactory | undefined = globalThis.indexedDB): Promise<VoiceStore> {
	if (!factory) return new Memory();
	try {
		const request = factory.open('fieldreel-voice', 1);
		request.onupgradeneeded = () => request.result.createObjectStore(table, { keyPath: 'note_id' });
		const db = await result(request);
		db.onversionchange = () => db.close();
		return new Disk(db);
	} catch {
		return new Memory();
	}
}

const ours = (person: string, review: string) => (voice: Voice) =>
	voice.review_id === review && voice.person_id === person;

class Disk implements VoiceStore {
	#db: IDBDatabase;

	constructor(db: IDBDatabase) {
		this.#db = db;
	}

	async put(voice: Voice): Promise<void> {
		await this.#write((store) => store.put(voice));
	}

	async of(person: string, review: string): Promise<Voice[]> {
		const store = this.#db.transaction(table, 'readonly').objectStore(table);
		return ((await result(store.getAll())) as Voice[]).filter(ours(person, review));
	}

	async drop(note: string): Promise<void> {
		await this.#write((store) => store.delete(note));
	}

	#write(work: (store: IDBObjectStore) => void): Promise<void> {
		const tx = this.#db.transaction(table, 'readwrite', { durability: 'strict' });
		const done = new Promise<void>((resolve, reject) => {
			tx.oncomplete = () => resolve();
			tx.onabort = () => reject(tx.error ?? new Error('The device did not keep this.'));
		});
		work(tx.objectStore(table));
		return done;
	}
}

class Memory implements VoiceStore {
	#voices = new Map<string, Voice>();

	async put(voice: Voice): Promise<void> {
		this.#voices.set(voice.note_id, voice);
	}

	async of(person: string, review: string): Promise<Voice[]> {
		return [...this.#voices.values()].filter(ours(person, review));
	}

	async drop(note: string): Promise<void> {
		this.#voices.delete(note);
	}
}
