import type { Schemas } from '../../api/client.ts';
import type { IconName } from '../../ui/icons.ts';
import { en } from './en.ts';

type Told = Schemas['NoticeDTO'];
export type Kind = keyof typeof en.says;
/** A server that is newer than this page may tell of what it has no words for. */
export type Notice = Omit<Told, 'kind'> & { readonly kind: Kind | (string & {}) };

/** How early a note's second is played, so that one hears what it is about. */
const before = 3_000;

const icons: Readonly<Record<Kind, IconName>> = {
	note: 'note',
	reply: 'reply',
	share: 'share',
	ask: 'ask',
	answer: 'video',
	failed: 'warn',
	enrolled: 'shield',
	due: 'clock',
	extended: 'clock',
	result: 'check',
	certificate: 'warn',
	review: 'eye',
	waiting: 'clock',
	deputy: 'clock',
	dispute: 'reply',
	resolved: 'check',
	feedback: 'ask',
	given: 'note',
	assigned: 'record',
	practised: 'check',
	promise: 'edit',
	promotion: 'spark',
	promoted: 'spark',
	calibration: 'chart',
};

const known = (kind: string): kind is Kind => Object.hasOwn(en.says, kind);

export const icon = ({ kind }: Notice): IconName => (known(kind) ? icons[kind] : 'bell');

/** What happened, in one sentence. */
export const words = ({ kind, actor, video_title }: Notice): string =>
	known(kind)
		? en.says[kind](actor?.name ?? (kind === 'promoted' ? '' : en.somebody), video_title || en.untitled)
		: en.unknown;

/** Where the screen of what it is about is, by its id; of those that are not about a second of a video. */
const screens: Readonly<Partial<Record<Kind, (subject: string) => string>>> = {
	ask: () => '/',
	failed: () => '/mine',
	enrolled: (id) => `/certify/${id}`,
	due: (id) => `/certify/${id}`,
	extended: (id) => `/certify/${id}`,
	result: (id) => `/attempts/${id}`,
	resolved: (id) => `/attempts/${id}`,
	certificate: () => '/certificates',
	review: (id) => `/reviews/${id}`,
	waiting: (id) => `/reviews/${id}`,
	deputy: (id) => `/reviews/${id}`,
	dispute: (id) => `/disputes/${id}`,
	feedback: () => '/coaching',
	assigned: (id) => `/coaching/practice/${id}`,
	practised: (id) => `/coaching/practice/${id}`,
	promise: () => '/coaching',
	promotion: (id) => `/promotions/${id}`,
	calibration: () => '/calibration',
};

/** Where it leads: the screen of what it is about, or the second it speaks of. */
export function href(notice: Notice): string {
	const { kind, subject_id = '', video_id } = notice;
	const screen = known(kind) ? screens[kind] : undefined;
	if (screen) return screen(subject_id);
	if (!video_id) return '/';
	const query = new URLSearchParams();
	if (notice.at_ms !== undefined) query.set('t', String(Math.max(0, notice.at_ms - before)));
	else if (notice.end_ms) {
		query.set('t', String(notice.start_ms ?? 0));
		query.set('end', String(notice.end_ms));
	}
	if (notice.note_id) query.set('note', notice.note_id);
	const search = query.toString();
	return `/watch/${video_id}${search ? `?${search}` : ''}`;
}
