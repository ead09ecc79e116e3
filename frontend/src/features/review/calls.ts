import { noAnswer, problemOf } from '../../api/problem.ts';
import type { Content } from './content.ts';
import type { Box, Item, Review, Summary } from './types.ts';

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
	claim: (id: string) => ask<Review>('POST', `/reviews/${id}/claim`),
	release: (id: string) => ask<Review>('POST', `/reviews/${id}/release`),
	reassign: (id: string, person_id: string) => ask<Review>('POST', `/reviews/${id}/reassign`, { person_id }),
};
