import type { Playback } from '../../player/playback.svelte.ts';
import type { Video } from './types.ts';

/** What the player of a page shows. */
export interface Showing {
	/** Where on the page it stands. */
	readonly key: string;
	readonly video: Video;
	readonly start_ms: number;
	readonly end_ms: number | undefined;
	/** Begins at once. */
	readonly autoplay: boolean;
}

/** One video plays on a page at a time: which, where on the page, and from which second. */
export class Viewer {
	now = $state.raw<Showing>();
	#playback: Playback | undefined;

	/** Plays from a second on, in its place on the page; a moment stops at its end. */
	play(key: string, video: Video, start_ms = 0, end_ms?: number): void {
		if (this.now?.key === key && this.#playback) this.#playback.open(start_ms, end_ms);
		else this.now = { key, video, start_ms, end_ms, autoplay: true };
	}

	/** Shows a video that waits for a tap. */
	show(key: string, video: Video): void {
		if (this.now?.key !== key) this.now = { key, video, start_ms: 0, end_ms: undefined, autoplay: false };
	}

	/** Takes it away, if it is there. */
	close(key: string): void {
		if (this.now?.key === key) this.now = undefined;
	}

	/** Where the video stands, in milliseconds. */
	at(key: string): number {
		return this.now?.key === key ? (this.#playback?.now() ?? 0) : 0;
	}

	/** Takes the playback of what is shown into hand; gives what lets it go. */
	hold(playback: Playback): () => void {
		this.#playback = playback;
		return () => {
			if (this.#playback === playback) this.#playback = undefined;
		};
	}
}
