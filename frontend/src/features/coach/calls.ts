import { api, data } from '../../api/client.ts';
import { newId } from '../../api/id.ts';
import type { Assignment, Coached, FeedbackAsk, OneToOne, Promise_, Promotion } from './types.ts';

type Page<T> = { items: T[]; next_cursor?: string };
const path = (id: string) => ({ path: { id } });

/** What waits for oneself: asks for feedback, practices to do, suggestions of one's own takes, promises to keep. */
export async function waiting(
	signal: AbortSignal,
): Promise<{ asks: FeedbackAsk[]; practices: Assignment[]; promotions: Promotion[]; promises: Promise_[] }> {
	const query = { box: 'received', limit: 50 } as const;
	const [asks, practices, promotions, promises] = await Promise.all([
		data(api.GET('/api/v1/feedback-asks', { params: { query: { ...query, state: 'open' } }, signal })),
		data(api.GET('/api/v1/practice-assignments', { params: { query: { ...query, state: 'open' } }, signal })),
		data(api.GET('/api/v1/promotions', { params: { query: { ...query, state: 'suggested' } }, signal })),
		data(api.GET('/api/v1/promises', { signal })),
	]);
	return { asks: asks.items, practices: practices.items, promotions: promotions.items, promises: promises.items };
}

const sent = (cursor: string | undefined) => ({
	query: { box: 'sent', limit: 20, ...(cursor ? { cursor } : {}) } as const,
});
export const sentAsks = (cursor: string | undefined, signal: AbortSignal): Promise<Page<FeedbackAsk>> =>
	data(api.GET('/api/v1/feedback-asks', { params: sent(cursor), signal }));
export const sentPractices = (cursor: string | undefined, signal: AbortSignal): Promise<Page<Assignment>> =>
	data(api.GET('/api/v1/practice-assignments', { params: sent(cursor), signal }));
export const sentPromotions = (cursor: string | undefined, signal: AbortSignal): Promise<Page<Promotion>> =>
	data(api.GET('/api/v1/promotions', { params: sent(cursor), signal }));

/** One's people, who has waited longest for a word first. */
export const people = (cursor: string | undefined, signal: AbortSignal): Promise<Page<Coached>> =>
	data(api.GET('/api/v1/coaching/people', { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } }, signal }));

/** Empty parts of a filter are the server's usual: all teams, the last six months. */
export const cadence = (filter: { from: string; to: string; team: string }, signal: AbortSignal) => {
	const query = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
	return data(api.GET('/api/v1/coaching/cadence', { params: { query }, signal }));
};

export const oneToOne = (id: string, signal: AbortSignal): Promise<OneToOne> =>
	data(api.GET('/api/v1/coaching/people/{id}', { params: path(id), signal }));

export const give = (id: string, text: string): Promise<FeedbackAsk> =>
	data(api.POST('/api/v1/feedback-asks/{id}/done', { params: path(id), body: text ? { text } : {} }));
export const decline = (id: string): Promise<FeedbackAsk> =>
	data(api.POST('/api/v1/feedback-asks/{id}/decline', { params: path(id) }));
export const withdrawAsk = (id: string): Promise<FeedbackAsk> =>
	data(api.POST('/api/v1/feedback-asks/{id}/withdraw', { params: path(id) }));

export const practice = (id: string, signal?: AbortSignal) =>
	data(api.GET('/api/v1/practice-assignments/{id}', { params: path(id), ...(signal ? { signal } : {}) }));
/** Says that a practice is done; with a video, shows that one to who assigned it. */
export const practised = (id: string, show = ''): Promise<Assignment> =>
	data(
		api.POST('/api/v1/practice-assignments/{id}/done', {
			params: path(id),
			body: show ? { show_video_id: show } : {},
		}),
	);
export const withdrawPractice = (id: string) =>
	data(api.DELETE('/api/v1/practice-assignments/{id}', { params: path(id) }));

/** What a promise says. */
export interface Said {
	readonly owner: 'me' | 'them';
	readonly text: string;
	readonly due_on: string;
}
/** Writes down a promise; the same id twice is one promise. */
export const promise = (person: string, id: string, said: Said): Promise<Promise_> =>
	data(api.POST('/api/v1/coaching/people/{id}/promises', { params: path(person), body: { id, ...said } }));
export const changePromise = (
	id: string,
	change: { text?: string; due_on?: string; done?: boolean },
): Promise<Promise_> => data(api.PATCH('/api/v1/promises/{id}', { params: path(id), body: change }));
export const dropPromise = (id: string) => data(api.DELETE('/api/v1/promises/{id}', { params: path(id) }));

/** Writes a promise down that was removed, as it was; one that was done is done again. */
export async function restorePromise(person: string, me: string, was: Promise_): Promise<void> {
	const owner = was.owner.id === me ? 'me' : 'them';
	const made = await promise(person, newId(), { owner, text: was.text, due_on: was.due_on });
	if (was.done_at) await changePromise(made.id, { done: true });
}

export const promotion = (id: string, signal: AbortSignal): Promise<Promotion> =>
	data(api.GET('/api/v1/promotions/{id}', { params: path(id), signal }));
/** What the author of a take agrees to. */
export interface Consent {
	readonly audience: Promotion['audience'];
	readonly team_ids: string[];
	readonly ends_on: string;
}
export const agree = (id: string, body: Consent): Promise<Promotion> =>
	data(api.POST('/api/v1/promotions/{id}/agree', { params: path(id), body }));
export const declinePromotion = (id: string): Promise<Promotion> =>
	data(api.POST('/api/v1/promotions/{id}/decline', { params: path(id) }));
export const withdrawPromotion = (id: string) => data(api.DELETE('/api/v1/promotions/{id}', { params: path(id) }));

export const video = (id: string) => data(api.GET('/api/v1/videos/{id}', { params: path(id) }));
