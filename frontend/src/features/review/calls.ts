import { api, data, type Schemas } from '../../api/client.ts';
import type { Content } from './content.ts';
import type { Box, Decision } from './types.ts';

/** What the server is told of a draft. */
export const bodyOf = ({ levels, notes, decision, retry_criteria, message }: Content) => ({
	levels: { ...levels },
	notes: notes.map((note) => ({ ...note })),
	retry_criteria: [...retry_criteria],
	message: message ?? '',
	...(decision ? { decision } : {}),
});

export type Sent = Schemas['ReviewSentDTO'];

const at = (id: string) => ({ params: { path: { id } } });
const ending = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** What the workplace asks of the server. */
export const calls = {
	list: (box: Box, cursor?: string, signal?: AbortSignal) =>
		data(
			api.GET('/api/v1/reviews', {
				params: { query: { box, limit: 30, ...(cursor ? { cursor } : {}) } },
				...ending(signal),
			}),
		),
	review: (id: string, signal?: AbortSignal) => data(api.GET('/api/v1/reviews/{id}', { ...at(id), ...ending(signal) })),
	save: (id: string, content: Content, base_version: number, keepalive: boolean, signal: AbortSignal) =>
		data(
			api.PUT('/api/v1/reviews/{id}/draft', {
				...at(id),
				body: { ...bodyOf(content), base_version },
				keepalive,
				signal,
			}),
		),
	voice: (id: string, note_id: string, bytes: Blob) =>
		data(
			api.PUT('/api/v1/reviews/{id}/voice/{note_id}', {
				params: { path: { id, note_id } },
				body: bytes as unknown as string, // as the document calls bytes
				bodySerializer: (body: unknown) => body as Blob,
				headers: { 'Content-Type': bytes.type },
			}),
		),
	send: (id: string, body: ReturnType<typeof bodyOf>) =>
		data(api.POST('/api/v1/reviews/{id}/send', { ...at(id), body })),
	facts: (video: string) => data(api.GET('/api/v1/videos/{id}/facts', at(video))),
	/** To whom one may give a review. */
	reviewers: (id: string) => data(api.GET('/api/v1/reviews/{id}/reviewers', at(id))),
	claim: (id: string) => data(api.POST('/api/v1/reviews/{id}/claim', at(id))),
	release: (id: string) => data(api.POST('/api/v1/reviews/{id}/release', at(id))),
	reassign: (id: string, person_id: string) =>
		data(api.POST('/api/v1/reviews/{id}/reassign', { ...at(id), body: { person_id } })),
	disputes: (state: 'open' | undefined, cursor?: string, signal?: AbortSignal) =>
		data(
			api.GET('/api/v1/disputes', {
				params: { query: { limit: 30, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) } },
				...ending(signal),
			}),
		),
	dispute: (id: string, signal?: AbortSignal) =>
		data(api.GET('/api/v1/disputes/{id}', { ...at(id), ...ending(signal) })),
	/** Whom one may ask to look at a disputed take. */
	thirds: (id: string) => data(api.GET('/api/v1/disputes/{id}/reviewers', at(id))),
	askThird: (id: string, reviewer_id: string) =>
		data(api.POST('/api/v1/disputes/{id}/third', { ...at(id), body: { reviewer_id } })),
	resolve: (id: string, body: { outcome: 'stands' | 'changed'; decision?: Decision; text: string }) =>
		data(api.POST('/api/v1/disputes/{id}/resolve', { ...at(id), body })),
	withdraw: (id: string) => data(api.POST('/api/v1/disputes/{id}/withdraw', at(id))),
};
