import type { Playback } from '../../player/playback.svelte.ts';
import { type Label, type Notes, noteId, withLabel } from './notes.svelte.ts';

interface Kept {
	readonly id: string;
	readonly at_ms: number;
	readonly text: string;
}

/** The note that is being written: it keeps the second at which it was begun, and survives a reload. */
export class Draft {
	text = $state('');
	/** The second it is about; undefined until something was typed. */
	at_ms = $state<number>();
	/** Counts how often the field was asked to take the keys. */
	asked = $state(0);
	#name: string;
	#id = noteId();
	#playback: Playback;
	#goOn = false;

	constructor(videoId: string, playback: Playback) {
		this.#name = `fieldreel.note.${videoId}`;
		this.#playback = playback;
		this.#read();
	}

	/** Begins a note at the second that is shown, and pauses; a note already begun keeps its second. */
	begin(label?: Label): void {
		this.#stamp();
		if (label) this.text = withLabel(this.text, label);
		this.asked++;
		this.#keep();
	}

	/** To be called after every change of the text. */
	typed(): void {
		if (this.text === '') this.at_ms = undefined;
		else this.#stamp();
		this.#keep();
	}

	/** Takes the second that is shown now. */
	restamp(): void {
		this.at_ms = this.#playback.now();
		this.#keep();
	}

	/** Leaves the field: the text stays, the video goes on if it did before. */
	leave(): void {
		if (this.text.trim() === '') this.#clear();
		this.#resume();
	}

	/** Sends it and plays on; rejects where it did not arrive, and keeps it then. */
	async send(notes: Notes): Promise<void> {
		const text = this.text.trim();
		if (text === '') return;
		await notes.write(this.#id, this.at_ms ?? this.#playback.now(), text);
		this.#clear();
		this.#resume();
	}

	#stamp(): void {
		if (this.at_ms === undefined) this.at_ms = this.#playback.now();
		if (this.#playback.paused) return;
		this.#goOn = true;
		this.#playback.pause();
	}

	#resume(): void {
		if (this.#goOn && this.#playback.paused) void this.#playback.play();
		this.#goOn = false;
	}

	#clear(): void {
		[this.text, this.at_ms, this.#id] = ['', undefined, noteId()];
		this.#keep();
	}

	#keep(): void {
		try {
			if (this.text === '' || this.at_ms === undefined) localStorage.removeItem(this.#name);
			else localStorage.setItem(this.#name, JSON.stringify({ id: this.#id, at_ms: this.at_ms, text: this.text }));
		} catch {
			// Where the browser keeps nothing, the note lives as long as the page.
		}
	}

	#read(): void {
		try {
			const kept = JSON.parse(localStorage.getItem(this.#name) ?? '') as Kept;
			if (typeof kept.text !== 'string' || !Number.isFinite(kept.at_ms) || typeof kept.id !== 'string') return;
			[this.text, this.at_ms, this.#id] = [kept.text, kept.at_ms, kept.id];
		} catch {
			// None was kept.
		}
	}
}
