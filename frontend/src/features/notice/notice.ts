import type { Schemas } from '../../api/client.ts';
import type { IconName } from '../../ui/icons.ts';
import { en } from './en.ts';

export type Notice = Schemas['NoticeDTO'];

/** How early a note's second is played, so that one hears what it is about. */
const before = 3_000;

export const icons: Readonly<Record<Notice['kind'], IconName>> = {
	note: 'note',
	reply: 'reply',
	share: 'share',
	ask: 'ask',
	answer: 'video',
	failed: 'warn',
};

/** What happened, in one sentence. */
export const words = (notice: Notice): string =>
	en.says[notice.kind](notice.actor?.name ?? en.somebody, notice.video_title || en.untitled);

/** Where it leads: the second it speaks of. */
export function href(notice: Notice): string {
	if (notice.kind === 'ask' || !notice.video_id) return '/';
	if (notice.kind === 'failed') return '/mine';
	const query = new URLSearchParams();
	if (notice.at_ms !== undefined) query.set('t', String(Math.max(0, notice.at_ms - before)));
	else if (notice.end_ms) {
		query.set('t', String(notice.start_ms ?? 0));
		query.set('end', String(notice.end_ms));
	}
	if (notice.note_id) query.set('note', notice.note_id);
	const search = query.toString();
	return `/watch/${notice.video_id}${search ? `?${search}` : ''}`;
}
