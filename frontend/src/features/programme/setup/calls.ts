import { api, data, type Schemas } from '../../../api/client.ts';
import type { Rule, Setup } from './setup.ts';

export type Programme = Schemas['ProgrammeDTO'];
export type Preview = Schemas['PreviewAnswer'];
type Change = Schemas['ChangeProgrammeRequestBody'];

export const load = (id: string, signal?: AbortSignal): Promise<Programme> =>
	data(api.GET('/api/v1/programmes/{id}', { params: { path: { id } }, ...(signal ? { signal } : {}) }));

/** Changes fields of the set-up, made from this version of it. */
export const change = (id: string, version: number, fields: Omit<Partial<Change>, 'version'>): Promise<Programme> =>
	data(api.PATCH('/api/v1/programmes/{id}', { params: { path: { id } }, body: { ...fields, version } }));

export const make = (id: string, name: string): Promise<Programme> =>
	data(api.POST('/api/v1/programmes', { body: { id, name } }));

export const open = (id: string): Promise<Programme> =>
	data(api.POST('/api/v1/programmes/{id}/open', { params: { path: { id } } }));

export const close = (id: string): Promise<Programme> =>
	data(api.POST('/api/v1/programmes/{id}/close', { params: { path: { id } } }));

/** The same `copyId` twice is the same copy. */
export const copy = (id: string, copyId: string): Promise<Programme> =>
	data(api.POST('/api/v1/programmes/{id}/copy', { params: { path: { id } }, body: { id: copyId } }));

export const remove = (id: string): Promise<unknown> =>
	data(api.DELETE('/api/v1/programmes/{id}', { params: { path: { id } } }));

/** Whom these rules mean now, who of them has no reviewer, and who may not see which of these videos. */
export const preview = (
	rules: readonly Rule[],
	reviewers: Setup['reviewers'],
	videos: readonly string[],
	signal: AbortSignal,
): Promise<Preview> =>
	data(
		api.POST('/api/v1/programmes/preview', {
			body: {
				rules: [...rules],
				reviewers: { kind: reviewers.kind, person_ids: reviewers.person_ids },
				videos: [...videos],
			},
			signal,
		}),
	);
