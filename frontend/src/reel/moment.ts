import { clock } from '../i18n/format.ts';
import { en } from './moment.en.ts';

/** A stretch of a video; both times 0 or left out: all of it. */
export interface Stretch {
	readonly start_ms: number;
	readonly end_ms: number;
}

/** What a moment is called: "0:14 to 0:32". */
export const stretchWords = ({ start_ms, end_ms }: Stretch): string =>
	end_ms > 0 ? `${clock(start_ms)} to ${clock(end_ms)}` : en.whole;

/** The address that plays a video from a moment on, and stops at its end. */
export function watchHref(videoId: string, { start_ms, end_ms }: Stretch, from = ''): string {
	const query = new URLSearchParams();
	if (end_ms > 0) {
		query.set('t', String(start_ms));
		query.set('end', String(end_ms));
	}
	if (from) query.set('from', from);
	const search = query.toString();
	return `/watch/${videoId}${search ? `?${search}` : ''}`;
}
