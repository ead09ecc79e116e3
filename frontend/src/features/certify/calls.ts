// What this feature asks of the server.
import { api, data } from '../../api/client.ts';
import { newId } from '../../api/id.ts';
import type { Video } from './types.ts';

const at = (id: string, signal?: AbortSignal) => ({ params: { path: { id } }, ...(signal ? { signal } : {}) });

/** One's programmes, most urgent first. */
export const enrolments = (signal: AbortSignal) => data(api.GET('/api/v1/enrolments', { signal }));

export const enrolment = (id: string, signal?: AbortSignal) => data(api.GET('/api/v1/enrolments/{id}', at(id, signal)));

export interface OwnNote {
	readonly at_ms: number;
	readonly text: string;
}

/** Makes the id of an attempt before it is sent: the same one twice is one attempt. */
export const attemptId = newId;

export const submit = (enrolmentId: string, id: string, video_id: string, note: OwnNote | undefined) =>
	data(
		api.POST('/api/v1/enrolments/{id}/attempts', {
			...at(enrolmentId),
			body: { id, video_id, ...(note ? { note } : {}) },
		}),
	);

export const swap = (id: string, video_id: string, note: OwnNote | undefined) =>
	data(api.PUT('/api/v1/attempts/{id}/take', { ...at(id), body: { video_id, ...(note ? { note } : {}) } }));

export const renew = (id: string) => data(api.POST('/api/v1/enrolments/{id}/renew', at(id)));

export const attempt = (id: string, signal?: AbortSignal) => data(api.GET('/api/v1/attempts/{id}', at(id, signal)));

export const acknowledge = (id: string) => data(api.POST('/api/v1/attempts/{id}/acknowledge', at(id)));

export const dispute = (id: string, reason: string) =>
	data(api.POST('/api/v1/attempts/{id}/dispute', { ...at(id), body: { reason } }));

export const withdraw = (disputeId: string) => data(api.POST('/api/v1/disputes/{id}/withdraw', at(disputeId)));

export const trail = (id: string) => data(api.GET('/api/v1/attempts/{id}/trail', at(id)));

/** Others' passed takes, as far as the programme lets one see them. */
export const peerTakes = (programmeId: string, signal: AbortSignal) =>
	data(api.GET('/api/v1/programmes/{id}/takes', at(programmeId, signal)));

/** Lets one watch such a take; gives its video. */
export const openTake = async (attemptId: string) =>
	(await data(api.POST('/api/v1/attempts/{id}/open', at(attemptId)))).video_id;

export const certificates = (signal: AbortSignal) =>
	data(api.GET('/api/v1/certificates', { params: { query: { person: 'me' } }, signal }));

export const showName = (id: string, name_public: boolean) =>
	data(api.PATCH('/api/v1/certificates/{id}', { ...at(id), body: { name_public } }));

export const revoke = (id: string, reason: string) =>
	data(api.POST('/api/v1/certificates/{id}/revoke', { ...at(id), body: { reason } }));

/** What anybody may know of a certificate, signed in or not. */
export const check = (code: string, signal: AbortSignal) =>
	data(api.GET('/api/v1/certificates/check/{code}', { params: { path: { code } }, signal }));

export const video = (id: string): Promise<Video> => data(api.GET('/api/v1/videos/{id}', { params: { path: { id } } }));

export const removeVideo = (id: string) => api.DELETE('/api/v1/videos/{id}', { params: { path: { id } } });
