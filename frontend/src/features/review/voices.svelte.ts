import { asProblem, type Problem } from '../../api/problem.ts';
import type { Voice, VoiceStore } from './voice-store.ts';

/** Hands a voice note to the server; rejects with a Problem. */
export type SendVoice = (note: string, bytes: Blob) => Promise<unknown>;

interface Options {
	readonly person: string;
	readonly review: string;
	readonly store: Promise<VoiceStore>;
	readonly send: SendVoice;
}

/** The voice notes of a review: kept on the device until the server has them. */
export class Voices {
	/** Those that are on this device only: where they can be heard, by note. */
	here = $state.raw<ReadonlyMap<string, string>>(new Map());
	/** Why the server will not have one. */
	problem = $state.raw<Problem>();
	#options: Options;
	#running: Promise<void> | undefined;

	constructor(options: Options) {
		this.#options = options;
	}

	/** Finds what an earlier visit has left. */
	async begin(): Promise<void> {
		const { store, person, review } = this.#options;
		for (const voice of await (await store).of(person, review)) this.#show(voice);
	}

	/** Keeps a recording as the voice of a note; resolves when the device has it. */
	async keep(note_id: string, recording: Blob): Promise<void> {
		const { store, person: person_id, review: review_id } = this.#options;
		const voice = { note_id, review_id, person_id, bytes: await recording.arrayBuffer(), type: recording.type };
		await (await store).put(voice);
		this.#show(voice);
	}

	/** Which of these notes have a voice that the server has not got. */
	left(notes: readonly string[]): string[] {
		return notes.filter((id) => this.here.has(id));
	}

	/** Sends what the server has not got of these notes. A note that was deleted keeps its voice here, for an undo. */
	async flush(notes: readonly string[]): Promise<void> {
		await this.#running;
		this.#running = this.#send(new Set(notes)).finally(() => {
			this.#running = undefined;
		});
		await this.#running;
	}

	/** The review was sent: nothing is kept any more. */
	async forget(): Promise<void> {
		const store = await this.#options.store;
		for (const note of this.here.keys()) {
			await store.drop(note);
			this.#hide(note);
		}
	}

	/** Frees what the page holds. */
	end(): void {
		for (const url of this.here.values()) URL.revokeObjectURL(url);
	}

	async #send(notes: ReadonlySet<string>): Promise<void> {
		const { store, person, review, send } = this.#options;
		const shelf = await store;
		this.problem = undefined;
		for (const voice of await shelf.of(person, review)) {
			if (!notes.has(voice.note_id)) continue;
			try {
				await send(voice.note_id, new Blob([voice.bytes], { type: voice.type }));
			} catch (thrown) {
				this.problem = asProblem(thrown);
				if (this.problem.status === 0) return; // no network: the others would fail, too
				continue;
			}
			await shelf.drop(voice.note_id);
			this.#hide(voice.note_id);
		}
	}

	#show(voice: Voice): void {
		const url = URL.createObjectURL(new Blob([voice.bytes], { type: voice.type }));
		this.here = new Map([...this.here, [voice.note_id, url]]);
	}

	#hide(note: string): void {
		const url = this.here.get(note);
		if (url) URL.revokeObjectURL(url);
		this.here = new Map([...this.here].filter(([id]) => id !== note));
	}
}
