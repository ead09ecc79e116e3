import createClient, { type Middleware } from 'openapi-fetch';
import { asProblem, problemOf } from './problem.ts';
import type { components, paths } from './schema.d.ts';

/** The shapes of the API by their names in its document: `Schemas['VideoDTO']`. */
export type Schemas = components['schemas'];

/** Told when the server no longer knows who we are. */
let signedOut: () => void = () => undefined;

/** Sets what happens when a session has ended; the shell shows the sign-in. */
export function onSignedOut(then: () => void): void {
	signedOut = then;
}

const problems: Middleware = {
	async onResponse({ response, schemaPath }) {
		if (response.ok) return;
		const body: unknown = await response
			.clone()
			.json()
			.catch(() => null);
		if (response.status === 401 && !schemaPath.endsWith('/sessions')) signedOut();
		throw problemOf(response.status, body);
	},
	onError({ error }) {
		if (error instanceof DOMException && error.name === 'AbortError') return;
		return asProblem(error);
	},
};

const base = typeof location === 'undefined' || location.origin === 'null' ? 'http://localhost' : location.origin;

/**
 * The API. Calls reject with a Problem for every answer that is no success, so `data` may be used as it comes:
 * `const video = await data(api.GET('/api/v1/videos/{id}', { params: { path: { id } } }))`.
 */
export const api = createClient<paths>({ baseUrl: base, credentials: 'same-origin' });
api.use(problems);

/** Unwraps an answer: its body, or a rejected Problem. */
export async function data<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
	const answer = await call;
	if (answer.error !== undefined) throw problemOf(answer.response.status, answer.error);
	return answer.data as T;
}
