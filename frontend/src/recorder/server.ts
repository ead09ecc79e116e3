/** What the recorder asks of the server. Its own few requests, so that the recorder needs nothing of the screens. */
import type { Audience, Details, Purpose, Receipt } from './take.ts';

export const UPLOADS = '/api/v1/uploads';

export interface Creation {
	readonly clientId: string;
	readonly filename: string;
	readonly title: string;
	/** Null: a take like any other. */
	readonly purpose: Purpose | null;
	/** Null while the take is still growing. */
	readonly length: number | null;
}

export interface Server {
	/** Begins an upload, or finds the one that the client id stands for; gives its address. */
	create(c: Creation): Promise<string>;
	receipt(url: string): Promise<Receipt>;
	/** Gives an unfinished upload up. No error if there is none. */
	terminate(url: string): Promise<void>;
	/** Tells what the person said about the video. */
	describe(videoId: string, details: Details): Promise<void>;
	deleteVideo(videoId: string): Promise<void>;
	/** The largest upload in bytes; null if the server names none. */
	maxBytes(): Promise<number | null>;
}

/** The server did not do it, or could not be reached (status 0). */
export class ServerError extends Error {
	override name = 'ServerError';
	readonly status: number;
	readonly code: string;
	/** What to do about it: wait for the network or the server, sign in, begin again, or ask the person. */
	readonly kind: 'later' | 'sign_in' | 'gone' | 'refused';

	constructor(status: number, code: string, detail: string) {
		super(detail);
		this.status = status;
		this.code = code;
		this.kind = kindOf(status, code);
	}

	/** Reads a problem document (RFC 9457), or makes do with the status. */
	static from(status: number, body: string): ServerError {
		try {
			const problem = JSON.parse(body) as { code?: unknown; detail?: unknown };
			const text = (v: unknown) => (typeof v === 'string' ? v : '');
			return new ServerError(status, text(problem.code), text(problem.detail));
		} catch {
			return new ServerError(status, '', '');
		}
	}
}

function kindOf(status: number, code: string): ServerError['kind'] {
	if (status === 401) return 'sign_in';
	if (status === 404 || status === 410) return 'gone';
	// A full server gets room again; a person's own quota does not by waiting.
	if (code === 'quota_exceeded') return 'refused';
	// 409 and 423 of tus: another request has moved the offset or holds the lock. 460: the body arrived damaged.
	if (code === 'upload_client_id_conflict') return 'refused';
	const passing = status === 0 || status >= 500 || [408, 409, 423, 425, 429, 460].includes(status);
	return passing ? 'later' : 'refused';
}

function base64(text: string): string {
	return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** Text as the server's metadata wants it: no control characters, not longer than it takes. */
function line(text: string, longest: number): string {
	const plain = [...text].map((c) => (c < ' ' || c === '\x7f' ? ' ' : c));
	return plain.slice(0, longest).join('').trim();
}

/** The server that the page came from. */
export class SameOrigin implements Server {
	#fetch: typeof fetch;

	constructor(fetcher: typeof fetch = (...args) => fetch(...args)) {
		this.#fetch = fetcher;
	}

	async #ask(method: string, path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Response> {
		let answer: Response;
		try {
			answer = await this.#fetch(path, {
				method,
				headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
				...(body === undefined ? {} : { body: JSON.stringify(body) }),
				signal: AbortSignal.timeout(30_000),
			});
		} catch (error) {
			throw new ServerError(0, 'unreachable', String(error));
		}
		if (!answer.ok) throw ServerError.from(answer.status, await answer.text().catch(() => ''));
		return answer;
	}

	async create(c: Creation): Promise<string> {
		const meta = {
			client_id: c.clientId,
			filename: line(c.filename, 255),
			title: line(c.title, 200),
			kind: c.purpose?.kind ?? 'take',
			...(c.purpose ? { for: line(c.purpose.for, 64) } : {}),
		};
		const answer = await this.#ask('POST', UPLOADS, {
			'Tus-Resumable': '1.0.0',
			...(c.length === null ? { 'Upload-Defer-Length': '1' } : { 'Upload-Length': String(c.length) }),
			'Upload-Metadata': Object.entries(meta)
				.map(([key, value]) => `${key} ${base64(value)}`)
				.join(','),
		});
		const place = answer.headers.get('Location');
		if (!place) throw new ServerError(502, 'no_location', 'The server did not say where to send the take.');
		return place;
	}

	async receipt(url: string): Promise<Receipt> {
		const answer = await this.#ask('GET', `${url}/receipt`);
		const r = (await answer.json()) as { state: Receipt['state']; size: number; sha256?: string; video_id?: string };
		return { state: r.state, size: r.size, sha256: r.sha256 ?? '', videoId: r.video_id ?? '' };
	}

	async terminate(url: string): Promise<void> {
		await this.#ask('DELETE', url, { 'Tus-Resumable': '1.0.0' }).catch(ignoreGone);
	}

	async describe(videoId: string, details: Details): Promise<void> {
		await this.#ask('PATCH', `/api/v1/videos/${videoId}`, {}, details);
	}

	async deleteVideo(videoId: string): Promise<void> {
		await this.#ask('DELETE', `/api/v1/videos/${videoId}`).catch(ignoreGone);
	}

	async maxBytes(): Promise<number | null> {
		const answer = await this.#ask('OPTIONS', UPLOADS);
		const limit = Number(answer.headers.get('Tus-Max-Size') ?? 0);
		return limit > 0 ? limit : null;
	}
}

function ignoreGone(error: unknown): void {
	if (!(error instanceof ServerError) || error.kind !== 'gone') throw error;
}

/** Whom a take may be shown to, in the order of how far it goes. */
export const AUDIENCES: readonly Audience[] = ['private', 'line', 'team', 'teams', 'everyone'];
