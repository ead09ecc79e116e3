/** What the tests of this folder share: rows, and a server. */
import type { HttpRequest, HttpResponse, HttpStack } from 'tus-js-client';
import { type Creation, type Server, ServerError, UPLOADS } from './server.ts';
import { Sha256 } from './sha256.ts';
import type { Details, Receipt, TakeRow } from './take.ts';

export function rowOf(id: string, more: Partial<TakeRow> = {}): TakeRow {
	return {
		id,
		owner: 'ada',
		source: 'camera',
		clientId: id,
		filename: `${id}.mp4`,
		mime: 'video/mp4',
		title: 'A take',
		startedAt: 1000,
		durationMs: 0,
		written: 0,
		size: null,
		hash: new Sha256().state(),
		url: null,
		file: null,
		stopped: false,
		videoId: null,
		details: null,
		discarded: false,
		refusal: null,
		...more,
	};
}

interface Upload {
	clientId: string;
	bytes: Uint8Array<ArrayBuffer>;
	length: number | null;
	videoId: string;
	purpose: Creation['purpose'];
}

/** A tus server in memory that follows the protocol strictly, over a network that can be made bad. */
export class FakeServer implements Server {
	uploads = new Map<string, Upload>();
	videos = new Map<string, { bytes: Uint8Array<ArrayBuffer>; details: Details }>();
	/** Every request, as "METHOD path". */
	log: string[] = [];
	offline = false;
	signedOut = false;
	/** Asked before each PATCH body is taken: how many of its bytes arrive, and whether the answer does. */
	weather: (body: number) => { arrive?: number; loseAnswer?: boolean } = () => ({});
	/** What the receipt says instead of the truth. */
	liar: Partial<Receipt> = {};
	refuseCreate: ServerError | null = null;
	#next = 1;

	#gate(method: string, path: string): void {
		this.log.push(`${method} ${path}`);
		if (this.offline) throw new ServerError(0, 'unreachable', '');
		if (this.signedOut) throw new ServerError(401, 'unauthenticated', 'Sign in first.');
	}

	#find(url: string): Upload {
		const upload = this.uploads.get(new URL(url, 'http://host/').pathname);
		if (!upload) throw new ServerError(404, 'upload_not_found', '');
		return upload;
	}

	async create(c: Creation): Promise<string> {
		this.#gate('POST', UPLOADS);
		if (this.refuseCreate) throw this.refuseCreate;
		for (const [url, u] of this.uploads) {
			if (u.clientId !== c.clientId) continue;
			if (c.length !== null && c.length !== u.length) {
				if (u.length !== null || c.length < u.bytes.length) throw new ServerError(409, 'upload_client_id_conflict', '');
				u.length = c.length;
				this.#settle(u);
			}
			return url;
		}
		const url = `${UPLOADS}/u${this.#next++}`;
		this.uploads.set(url, {
			clientId: c.clientId,
			bytes: new Uint8Array(),
			length: c.length,
			videoId: '',
			purpose: c.purpose,
		});
		return url;
	}

	async receipt(url: string): Promise<Receipt> {
		this.#gate('GET', `${url}/receipt`);
		const u = this.#find(url);
		const sha256 = u.videoId ? new Sha256().update(u.bytes).hex() : '';
		const state = u.videoId ? 'finished' : 'receiving';
		return { state, size: u.bytes.length, sha256, videoId: u.videoId, ...this.liar };
	}

	async terminate(url: string): Promise<void> {
		this.#gate('DELETE', url);
		const u = this.uploads.get(url);
		if (u?.videoId) throw new ServerError(409, 'upload_finished', '');
		this.uploads.delete(url);
	}

	async describe(videoId: string, details: Details): Promise<void> {
		this.#gate('PATCH', videoId);
		const video = this.videos.get(videoId);
		if (!video) throw new ServerError(404, 'video_not_found', '');
		Object.assign(video.details, details);
	}

	async deleteVideo(videoId: string): Promise<void> {
		this.#gate('DELETE', videoId);
		this.videos.delete(videoId);
	}

	async maxBytes(): Promise<number | null> {
		return null;
	}

	#settle(u: Upload): void {
		if (u.length === null || u.bytes.length < u.length || u.videoId) return;
		u.videoId = `v${this.#next++}`;
		this.videos.set(u.videoId, { bytes: u.bytes, details: {} });
	}

	/** The tus half: HEAD and PATCH as tus-js-client sends them. */
	stack: HttpStack = {
		getName: () => 'fake',
		createRequest: (method, url) => new FakeRequest(method, url, (request, body) => this.#tus(request, body)),
	};

	async #tus(request: FakeRequest, body: Blob | null): Promise<HttpResponse> {
		try {
			this.#gate(request.method, new URL(request.url).pathname);
			const u = this.#find(request.url);
			if (request.method === 'HEAD') {
				const length = u.length === null ? {} : { 'Upload-Length': String(u.length) };
				return answer(200, { 'Upload-Offset': String(u.bytes.length), ...length });
			}
			return await this.#patch(u, request, body);
		} catch (error) {
			if (!(error instanceof ServerError)) throw error;
			if (error.status === 0) throw new Event('error');
			return answer(error.status, {}, JSON.stringify({ code: error.code, detail: error.message }));
		}
	}

	async #patch(u: Upload, request: FakeRequest, body: Blob | null): Promise<HttpResponse> {
		const declared = request.headers.get('Upload-Length');
		// As in tusd: a length may be declared once.
		if (declared !== undefined && u.length !== null) throw new ServerError(400, 'upload_length_invalid', '');
		if (Number(request.headers.get('Upload-Offset')) !== u.bytes.length) {
			throw new ServerError(409, 'upload_offset_mismatch', '');
		}
		if (declared !== undefined) u.length = Number(declared);
		const sent = new Uint8Array(body ? await body.arrayBuffer() : new ArrayBuffer(0));
		const { arrive = sent.length, loseAnswer = false } = this.weather(sent.length);
		const kept = sent.subarray(0, arrive);
		request.progress(kept.length);
		u.bytes = Uint8Array.from([...u.bytes, ...kept]);
		this.#settle(u);
		if (loseAnswer || arrive < sent.length) throw new Event('error');
		return answer(204, { 'Upload-Offset': String(u.bytes.length) });
	}
}

class FakeRequest implements HttpRequest {
	headers = new Map<string, string>();
	progress: (sent: number) => void = () => {};
	readonly method: string;
	readonly url: string;
	readonly #run: (request: FakeRequest, body: Blob | null) => Promise<HttpResponse>;

	constructor(method: string, url: string, run: (request: FakeRequest, body: Blob | null) => Promise<HttpResponse>) {
		this.method = method;
		this.url = url;
		this.#run = run;
	}
	getMethod = () => this.method;
	getURL = () => this.url;
	setHeader = (name: string, value: string) => void this.headers.set(name, value);
	getHeader = (name: string) => this.headers.get(name);
	setProgressHandler = (handler: (sent: number) => void) => {
		this.progress = handler;
	};
	send = (body: Blob | null = null) => this.#run(this, body);
	abort = async () => {};
	getUnderlyingObject = () => null;
}

function answer(status: number, headers: Record<string, string>, body = ''): HttpResponse {
	return {
		getStatus: () => status,
		getHeader: (name) => headers[name],
		getBody: () => body,
		getUnderlyingObject: () => null,
	};
}
