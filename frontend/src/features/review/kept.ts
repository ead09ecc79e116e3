import type { Content } from './content.ts';
import type { DraftNote } from './types.ts';

/** What this device keeps of a draft until the server has it. */
export interface Kept {
	/** The version of the server's draft that it was written on. */
	readonly version: number;
	readonly content: Content;
	/** What the server was told last: its answer may have been lost on the way. */
	readonly told?: Content;
	/** When, by this device's clock. */
	readonly at: string;
}

const numbers = (value: unknown): value is Record<string, number> =>
	typeof value === 'object' && value !== null && Object.values(value).every((one) => Number.isInteger(one));

function isNote(value: unknown): value is DraftNote {
	const note = (value ?? {}) as Partial<DraftNote>;
	return (
		typeof note.id === 'string' &&
		Number.isFinite(note.at_ms) &&
		['good', 'work', 'question', 'note'].includes(note.kind ?? '') &&
		typeof note.text === 'string' &&
		typeof note.voice === 'boolean'
	);
}

function isContent(value: unknown): value is Content {
	const content = (value ?? {}) as Partial<Content>;
	return (
		numbers(content.levels) &&
		Array.isArray(content.notes) &&
		content.notes.every(isNote) &&
		Array.isArray(content.retry_criteria) &&
		content.retry_criteria.every((id) => typeof id === 'string') &&
		['undefined', 'string'].includes(typeof content.message) &&
		(content.decision === undefined || ['pass', 'retry', 'fail'].includes(content.decision))
	);
}

/** The device's shelf for one review of one person: somebody else who signs in here neither sees nor sends it. */
export class Shelf {
	readonly #name: string;
	readonly #storage: Storage | undefined;

	constructor(person: string, review: string, storage = deviceStorage()) {
		this.#name = `fieldreel.review.${person}.${review}`;
		this.#storage = storage;
	}

	/** What is kept; undefined where nothing is, or where it cannot be understood. */
	read(): Kept | undefined {
		try {
			const kept = JSON.parse(this.#storage?.getItem(this.#name) ?? 'null') as Partial<Kept> | null;
			if (!kept || !Number.isInteger(kept.version) || !isContent(kept.content)) return;
			return {
				version: kept.version as number,
				content: kept.content,
				at: String(kept.at ?? ''),
				...(isContent(kept.told) ? { told: kept.told } : {}),
			};
		} catch {
			return;
		}
	}

	/** Keeps it; false where the device does not. */
	write(kept: Kept): boolean {
		try {
			this.#storage?.setItem(this.#name, JSON.stringify(kept));
			return this.#storage !== undefined;
		} catch {
			return false;
		}
	}

	clear(): void {
		try {
			this.#storage?.removeItem(this.#name);
		} catch {
			// Then the next visit compares it with what the server has, and finds it the same.
		}
	}
}

function deviceStorage(): Storage | undefined {
	try {
		return localStorage;
	} catch {
		return;
	}
}
