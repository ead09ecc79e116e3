import { asProblem, Problem } from '../../api/problem.ts';
import { en } from './en.ts';

/** An open microphone that records. */
export interface Mic {
	/** Ends the recording and gives it. */
	finish(): Promise<Blob>;
	/** Ends it and throws it away. */
	drop(): void;
}

/** Opens the microphone; told how loud it is, 0 to 1, while it is open. */
export type OpenMic = (onLevel: (level: number) => void) => Promise<Mic>;

/** Shorter presses are taps: the recording then goes on until the next one. Not everybody can hold a finger still. */
const tapMs = 350;
/** Shorter recordings were no words. */
const leastMs = 400;
/** Longest voice note, as the server has it. */
export const mostMs = 60_000;

interface Options {
	readonly open: OpenMic;
	/** It begins: the video must be quiet. */
	readonly begins: () => void;
	/** It is over; without a recording it was thrown away. */
	readonly ends: (recording: Blob | undefined) => void;
	readonly now?: () => number;
}

/** Hold to talk: press, speak, let go; slide away to throw it away. */
export class HoldToTalk {
	state = $state<'idle' | 'opening' | 'recording' | 'ending'>('idle');
	/** A finger holds it; otherwise a second tap ends it. */
	held = $state(false);
	/** The finger has slid away: letting go throws it away. */
	away = $state(false);
	level = $state(0);
	/** How long it has recorded. */
	ms = $state(0);
	problem = $state.raw<Problem>();

	#options: Options;
	#mic: Mic | undefined;
	#pressed = 0;
	#began = 0;
	#after: 'finish' | 'drop' | undefined;
	#clock: ReturnType<typeof setInterval> | undefined;
	readonly #now: () => number;

	constructor(options: Options) {
		this.#options = options;
		this.#now = options.now ?? (() => performance.now());
	}

	/** A finger goes down, or a key is pressed. */
	async press(): Promise<void> {
		if (this.state === 'recording' && !this.held) return this.#end('finish');
		if (this.state !== 'idle') return;
		[this.state, this.held, this.away, this.problem] = ['opening', true, false, undefined];
		[this.#pressed, this.#after, this.ms, this.level] = [this.#now(), undefined, 0, 0];
		this.#options.begins();
		try {
			this.#mic = await this.#options.open((level) => {
				this.level = level;
			});
		} catch (thrown) {
			this.state = 'idle';
			this.problem =
				thrown instanceof DOMException && thrown.name === 'NotAllowedError'
					? new Problem(0, 'mic', en.voice.refused)
					: thrown instanceof DOMException
						? new Problem(0, 'mic', en.voice.noMic)
						: asProblem(thrown);
			this.#options.ends(undefined);
			return;
		}
		[this.state, this.#began] = ['recording', this.#now()];
		this.#clock = setInterval(() => this.#tick(), 100);
		if (this.#after) await this.#end(this.#after); // let go while it was being opened
	}

	/** The finger lets go. */
	async lift(): Promise<void> {
		if (!this.held || (this.state !== 'opening' && this.state !== 'recording')) return;
		this.held = false;
		if (this.away) return this.#end('drop');
		if (this.#now() - this.#pressed < tapMs) return; // a tap: it goes on
		return this.#end('finish');
	}

	/** The finger moves off the button, or back on it. */
	slide(away: boolean): void {
		if (this.held) this.away = away;
	}

	/** Throws it away: Escape, or the screen goes. */
	async cancel(): Promise<void> {
		return this.#end('drop');
	}

	/** The system took the finger or the page away: what was said so far counts. */
	async interrupted(): Promise<void> {
		return this.#end('finish');
	}

	#tick(): void {
		this.ms = this.#now() - this.#began;
		if (this.ms >= mostMs) void this.#end('finish');
	}

	async #end(how: 'finish' | 'drop'): Promise<void> {
		if (this.state === 'opening') {
			this.#after = how;
			return;
		}
		const mic = this.#mic;
		if (this.state !== 'recording' || !mic) return;
		clearInterval(this.#clock);
		[this.state, this.held, this.#mic] = ['ending', false, undefined];
		const short = this.#now() - this.#began < leastMs;
		let recording: Blob | undefined;
		try {
			if (how === 'drop' || short) mic.drop();
			else recording = await mic.finish();
		} catch (thrown) {
			this.problem = asProblem(thrown);
		}
		[this.state, this.away] = ['idle', false];
		this.#options.ends(recording && recording.size > 0 ? recording : undefined);
	}
}
