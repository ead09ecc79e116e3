import type { Schemas } from '../../api/client.ts';

/** One of one's own videos. */
export type Video = Schemas['VideoDTO'];

/** Still changes by itself on the server. */
export const unsettled = (video: Pick<Video, 'state'>): boolean =>
	video.state === 'processing' || video.state === 'playable';
