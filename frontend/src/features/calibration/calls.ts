// What this feature asks of the server.
import { api, data } from '../../api/client.ts';
import type { Figures, Gold, Levels, Month, Video } from './types.ts';

const month = async (answer: Promise<unknown>) => (await answer) as Month;
const gold = (gold_id: string) => ({ params: { path: { gold_id } } });

export const thisMonth = (signal: AbortSignal) => month(data(api.GET('/api/v1/calibration', { signal })));

export const score = (goldId: string, levels: Levels) =>
	month(data(api.PUT('/api/v1/calibration/{gold_id}', { ...gold(goldId), body: { levels: { ...levels } } })));

export const skip = () => month(data(api.POST('/api/v1/calibration/skip')));

/** Lets one watch a take that one was given. */
export const open = async (goldId: string): Promise<Video> =>
	(await data(api.POST('/api/v1/calibration/{gold_id}/open', gold(goldId)))).video;

export const video = (id: string): Promise<Video> => data(api.GET('/api/v1/videos/{id}', { params: { path: { id } } }));

export const reviewers = async (signal: AbortSignal): Promise<readonly Figures[]> =>
	(await data(api.GET('/api/v1/calibration/reviewers', { signal }))).items;

export const golds = (retired: boolean) => (cursor: string | undefined, signal: AbortSignal) =>
	data(
		api.GET('/api/v1/calibration/gold', { params: { query: { retired, ...(cursor ? { cursor } : {}) } }, signal }),
	) as Promise<{ items: Gold[]; next_cursor?: string }>;

/** What is kept of a gold take. */
export interface Kept {
	readonly title: string;
	readonly video_id: string;
	readonly rubric_version_id: string;
	readonly panel: { person_id: string; levels: Record<string, number> }[];
}

export const add = (id: string, kept: Kept) => data(api.POST('/api/v1/calibration/gold', { body: { id, ...kept } }));

export const change = (id: string, kept: Partial<Kept>) =>
	data(api.PATCH('/api/v1/calibration/gold/{id}', { params: { path: { id } }, body: kept }));

export const retire = (id: string) => data(api.DELETE('/api/v1/calibration/gold/{id}', { params: { path: { id } } }));
