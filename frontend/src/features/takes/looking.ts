import { api, data } from '../../api/client.ts';
import type { Details } from '../../recorder/take.ts';
import { confirm } from '../../ui/confirm.svelte.ts';
import { toasts } from '../../ui/toast.svelte.ts';
import type { Asked } from './answers.ts';
import { en } from './en.ts';
import { answers, outbox, takes } from './takes.svelte.ts';

/** Whom the look offers to share with; the rest is in My videos. */
export type Reach = 'team' | 'everyone' | 'private';

const key = 'fieldreel.audience';

/** What was chosen last time stands first; nothing is shared without a tap on it. */
export function lastAudience(): Reach {
	try {
		const kept = localStorage.getItem(key);
		return kept === 'everyone' || kept === 'private' ? kept : 'team';
	} catch {
		return 'team';
	}
}

/** Says what the take is and who may see it; it is told to the server when the take has arrived. */
export async function chooseAudience(
	id: string,
	details: Details & { audience: Reach },
	asked?: Asked | undefined,
): Promise<void> {
	try {
		localStorage.setItem(key, details.audience);
	} catch {
		// Asked again next time.
	}
	await outbox.describe(id, details);
	if (asked && details.audience !== 'private') {
		answers.expect(id, asked);
		answers.follow(takes.list);
	}
	await outbox.release(id);
	const said = { team: en.look.sharedTeam, everyone: en.look.sharedEveryone, private: en.look.kept };
	toasts.say(said[details.audience]);
}

/** Deletes a take here and on the server, after a question; true if it is gone. */
export async function discard(id: string): Promise<boolean> {
	const { removeTitle, removeWords, removeYes } = en.look;
	if (!(await confirm(removeTitle, removeWords, removeYes))) return false;
	await outbox.discard(id);
	return true;
}

/** The open ask of this id that one was asked; undefined where there is none, or no server to ask. */
export async function findAsk(id: string): Promise<Asked | undefined> {
	try {
		const query = { box: 'received', state: 'open', limit: 100 } as const;
		const { items } = await data(api.GET('/api/v1/asks', { params: { query } }));
		const found = items.find((one) => one.id === id);
		return found && { id, name: found.from.name, text: found.text };
	} catch {
		return;
	}
}
