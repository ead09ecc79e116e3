import { go } from '../../router.svelte.ts';
import { toasts } from '../../ui/toast.svelte.ts';
import { ahead } from './ahead.svelte.ts';
import type { Desk } from './desk.svelte.ts';
import { en } from './en.ts';
import { passing } from './passing.svelte.ts';
import { leaves } from './switching.ts';

/** Sends the review and goes to the next person's, which then plays; to the queue where there is none. */
export async function sendAndGoOn(desk: Desk): Promise<void> {
	const sent = await desk.send();
	if (!sent) return;
	const { name } = desk.review.attempt.person;
	// What comes next in the order one goes by is buffered; the server's word is for whoever came from elsewhere.
	const next = ahead.next && ahead.next.id !== desk.review.id ? ahead.next : sent.next;
	if (!next || sent.left === 0) {
		toasts.say(en.sentLast(name));
		go('/reviews', { replace: true });
		return;
	}
	leaves();
	ahead.set(next);
	passing.say(en.sent(name));
	go(`/reviews/${next.id}`, { replace: true });
}

/** Goes to the next without sending; what was written stays a draft. */
export function goOn(desk: Desk): void {
	const { next } = ahead;
	if (!next || next.id === desk.review.id) return;
	leaves();
	go(`/reviews/${next.id}`, { replace: true });
}
