/** The addresses of a video's files, as the API gives them. */
export interface Media {
	readonly progressive?: string;
	readonly hls?: string;
	readonly poster?: string;
	readonly storyboard?: string;
	readonly captions?: string;
	readonly expires_at?: string;
}

export interface Source {
	readonly kind: 'progressive' | 'hls';
	readonly url: string;
}

/** From this length on the renditions are worth their playlists: a seek then skips megabytes that a slow line would have to carry. */
export const longMs = 10 * 60_000;

/**
 * What to play. Pitches last minutes: one MP4 whose index stands in front starts with one request, and seeks to the
 * exact second with one range. The renditions are for long videos, and for lines on which the MP4 has stalled.
 */
export function choose(media: Media, durationMs: number, stalled: boolean): Source | undefined {
	const { progressive, hls } = media;
	if (hls && (!progressive || stalled || durationMs >= longMs)) return { kind: 'hls', url: hls };
	return progressive ? { kind: 'progressive', url: progressive } : undefined;
}

/** Whether the addresses end so soon that fresh ones are better asked for first. */
export function expiring(media: Media, now: number): boolean {
	return media.expires_at !== undefined && new Date(media.expires_at).getTime() - now < 60_000;
}
