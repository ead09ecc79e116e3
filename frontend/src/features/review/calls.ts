import { noAnswer, problemOf } from '../../api/problem.ts';
import type { Content } from './content.ts';
import type { Box, Decision, Dispute, Facts, Item, Ref, Review, Summary } from './types.ts';

async function ask<T>(method: string, path: string, body?: unknown, more: RequestInit = {}): Promise<T> {
	const answer = await fetch(`/api/v1${path}`, {
		method,
		credentials: 'same-origin',
		...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
		...more,
	}).catch((thrown: unknown) => {
		throw thrown instanceof DOMException && thrown.name === 'AbortError' ? thrown : noAnswer();
	});
	const told: unknown = await answer.json().catch(() => undefined);
	if (!answer.ok) throw problemOf(answer.status, told);
	return told as T;
}

/** What the server is told of a draft. */
export const bodyOf = ({ levels, notes, decision, retry_criteria, message }: Content) => ({
	levels,
	notes: notes.map((note) => ({ ...note })),
	retry_criteria: [...retry_criteria],
	message: message ?? '',
	...(decision ? { decision } : {}),
});

export interface Sent {
	readonly review: Item;
	readonly next?: Item;
	readonly left: number;
}

/** What the workplace asks of the server. */
export const calls = {
	list: (box: Box, cursor?: string, signal?: AbortSignal) =>
		ask<{ items: Item[]; next_cursor?: string; summary: Summary }>(
			'GET',
			`/reviews?box=${box}&limit=30${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
			undefined,
			signal ? { signal } : {},
		),
	review: (id: string, signal?: AbortSignal) =>
		ask<Review>('GET', `/reviews/${id}`, undefined, signal ? { signal } : {}),
	save: (id: string, content: Content, base_version: number, keepalive: boolean) =>
		ask<{ version: number; saved_at: string }>(
			'PUT',
			`/reviews/${id}/draft`,
			{ ...bodyOf(content), base_version },
			{ keepalive },
		),
	voice: (id: string, note: string, bytes: Blob) =>
		ask('PUT', `/reviews/${id}/voice/${note}`, undefined, { body: bytes, headers: { 'Content-Type': bytes.type } }),
	send: (id: string, body: ReturnType<typeof bodyOf>) => ask<Sent>('POST', `/reviews/${id}/send`, body),
	facts: (video: string) => ask<Facts>('GET', `/videos/${video}/facts`),
	/** To whom one may give a review, or whom one may ask for one in a dispute. */
	reviewers: (of: 'reviews' | 'disputes', id: string) => ask<{ items: Ref[] }>('GET', `/${of}/${id}/reviewers`),
	claim: (id: string) => ask<Item>('POST', `/reviews/${id}/claim`),
	release: (id: string) => ask<Item>('POST', `/reviews/${id}/release`),
	reassign: (id: string, person_id: string) => ask<Item>('POST', `/reviews/${id}/reassign`, { person_id }),
	disputes: (state: string, cursor?: string, signal?: AbortSignal) =>
		ask<{ items: Dispute[]; next_cursor?: string }>(
			'GET',
			`/disputes?limit=30${state ? `&state=${state}` : ''}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
			undefined,
			signal ? { signal } : {},
		),
	dispute: (id: string, signal?: AbortSignal) =>
		ask<Dispute>('GET', `/disputes/${id}`, undefined, signal ? { signal } : {}),
	askThird: (id: string, reviewer_id: string) => ask<Dispute>('POST', `/disputes/${id}/third`, { reviewer_id }),
	resolve: (id: string, body: { outcome: 'stands' | 'changed'; decision?: Decision; text: string }) =>
		ask<Dispute>('POST', `/disputes/${id}/resolve`, body),
	withdraw: (id: string) => ask<Dispute>('POST', `/disputes/${id}/withdraw`),
};
