import { api, data } from '../api/client.ts';
import { newId } from '../api/id.ts';
import { Problem } from '../api/problem.ts';
import { en } from './en.ts';
import type { Stretch } from './moment.ts';

/** A person or a team that something may be sent to. */
export interface Recipient {
	readonly kind: 'person' | 'team';
	readonly id: string;
	readonly name: string;
	readonly detail: string;
}

/** A recipient who was chosen. `share` is the id of their share: sent again after a lost answer, it is the same share. */
export interface Addressed extends Recipient {
	readonly share: string;
	/** Why nothing was sent to them, in words. */
	readonly refused: string;
}

/** What came of sending: to whom, and which of a team's members may not see it. */
export interface Receipt {
	readonly names: string[];
	readonly blind: { readonly team: string; readonly members: number }[];
}

/** Sends one video or moment to several recipients; each stands or falls alone. */
export class Sending {
	to = $state.raw<readonly Addressed[]>([]);
	message = $state('');

	add(recipient: Recipient): void {
		if (this.to.some((one) => one.id === recipient.id)) return;
		this.to = [...this.to, { ...recipient, share: newId(), refused: '' }];
	}

	drop(id: string): void {
		this.to = this.to.filter((one) => one.id !== id);
	}

	/**
	 * Sends to everybody who was not refused before. Who got it leaves the list; who may not see it stays there, with the
	 * reason. Rejects with what else goes wrong: then those who did not get it are still listed.
	 */
	async send(videoId: string, { start_ms, end_ms }: Stretch): Promise<Receipt> {
		const receipt: Receipt = { names: [], blind: [] };
		for (const one of this.to.filter(({ refused }) => refused === '')) {
			try {
				const share = await data(
					api.POST('/api/v1/shares', {
						body: {
							id: one.share,
							video_id: videoId,
							start_ms,
							end_ms,
							message: this.message.trim(),
							...(one.kind === 'team' ? { to_team_id: one.id } : { to_person_id: one.id }),
						},
					}),
				);
				receipt.names.push(one.name);
				if (share.may_not_see) receipt.blind.push({ team: one.name, members: share.may_not_see });
				this.drop(one.id);
			} catch (thrown) {
				if (!(thrown instanceof Problem) || !refusals.has(thrown.code)) throw thrown;
				const words = thrown.code === 'share_not_visible' ? en.share.refused : thrown.message;
				this.to = this.to.map((other) => (other.id === one.id ? { ...other, refused: words } : other));
			}
		}
		return receipt;
	}
}

/** Problems that concern one recipient only. */
const refusals = new Set(['share_not_visible', 'person_not_found', 'team_not_found']);

let teams: Promise<Recipient[]> | undefined;

async function allTeams(): Promise<Recipient[]> {
	const { items } = await data(api.GET('/api/v1/teams'));
	return items.map((team) => ({
		kind: 'team',
		id: team.id,
		name: team.name,
		detail: en.share.team(team.member_ids.length),
	}));
}

/** Colleagues and teams whose names fit, without oneself. */
export async function findRecipients(words: string, me: string): Promise<Recipient[]> {
	teams ??= allTeams();
	const asked = teams;
	const [found, persons] = await Promise.all([
		asked.catch(() => {
			teams = undefined; // ask again next time
			return [];
		}),
		data(api.GET('/api/v1/people', { params: { query: { q: words.trim(), limit: 8 } } })),
	]);
	const wanted = words.trim().toLowerCase();
	const fitting = found.filter(({ name }) => name.toLowerCase().includes(wanted)).slice(0, 4);
	const colleagues = persons.items.filter(({ id, active }) => id !== me && active);
	return [
		...colleagues.map(({ id, name }): Recipient => ({ kind: 'person', id, name, detail: en.share.person })),
		...fitting,
	];
}
