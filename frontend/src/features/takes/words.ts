import { share } from '../../i18n/format.ts';
import type { Take } from '../../recorder/state.ts';
import { en } from './en.ts';

/** What a take is waiting for or doing, in words. */
export function takeWords(take: Take): string {
	const words = en.take;
	switch (take.phase) {
		case 'waiting':
			return words.waiting(take.safe);
		case 'sending':
			return words.sending(share(take.size > 0 ? take.sent / take.size : 0), take.secondsLeft);
		case 'file':
			return words.file(take.filename);
		case 'mobile':
			return words.mobile(take.size);
		case 'refused':
			if (take.refusal?.code === 'hash_differs') return words.hash_differs;
			return `${take.videoId ? words.describe : words.refused} ${take.refusal?.detail ?? ''}`.trim();
		default:
			return words[take.phase];
	}
}

/** Waits for the person; nothing goes on without them. */
export const needsPerson = (take: Take): boolean => ['refused', 'file', 'sign_in', 'mobile'].includes(take.phase);

/** How far the takes are on their way together, 0 to 1. */
export function progressOf(takes: readonly Take[]): number {
	const size = takes.reduce((sum, take) => sum + take.size, 0);
	return size > 0 ? takes.reduce((sum, take) => sum + take.sent, 0) / size : 0;
}
