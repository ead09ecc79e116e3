import { place } from '../../router.svelte.ts';

export interface Opened {
	readonly start_ms: number;
	/** Where the moment ends; undefined: at the end of the video. */
	readonly end_ms: number | undefined;
	/** Goes on where the person stopped last time, at this time; 0: it does not. */
	readonly resumed: number;
	readonly autoplay: boolean;
}

const whole = (text: string): number | undefined => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

/**
 * How a video begins: at the moment of the address, or where the person stopped, or at its start. It plays at once
 * for whoever came by a tap in the client or asked for a moment; a page that is opened by itself waits.
 */
export function opening(
	query: (name: string) => string,
	video: { readonly duration_ms: number; readonly progress: { readonly resume_ms: number } },
): Opened {
	const t = whole(query('t'));
	const end = whole(query('end'));
	const came = place.moves > 0 || query('queue') !== '';
	if (t !== undefined && t < video.duration_ms) {
		const ends = end !== undefined && end > t && end < video.duration_ms ? end : undefined;
		return { start_ms: t, end_ms: ends, resumed: 0, autoplay: true };
	}
	if (query('note')) return { start_ms: 0, end_ms: undefined, resumed: 0, autoplay: false };
	const resumed = video.progress.resume_ms;
	return { start_ms: resumed, end_ms: undefined, resumed, autoplay: came };
}
