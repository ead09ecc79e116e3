/** Sends the bytes of one upload with tus, from where the server is, until the end or the first error. */
import type { DetailedError, HttpRequest, HttpStack } from 'tus-js-client';
import { ServerError } from './server.ts';

/** Bytes that may still be growing. */
export interface ByteSource {
	/** The length of the whole; null while it grows. */
	readonly size: number | null;
	/** Bytes that can be read now. */
	readonly available: number;
	/** Resolves when there are bytes after offset, or when the size is known. */
	more(offset: number, signal: AbortSignal): Promise<void>;
	read(start: number, end: number): Promise<Blob>;
}

export interface TransferOptions {
	/** Where the upload is. */
	url: string;
	source: ByteSource;
	signal: AbortSignal;
	/** Bytes of the take that have left the phone. */
	onProgress(sent: number): void;
	/** A request that stands still for this long is broken off: a dead tunnel gives no error by itself. */
	stallMs?: number;
	/** How requests are made; XMLHttpRequest if not given. */
	stack?: HttpStack;
}

/** The most that one request carries, and so the most that is read into memory at once. */
const PIECE = 4 * 1024 * 1024;

/** The server has more of the take than we have: what it got was never kept here. */
export class Ahead extends Error {
	override name = 'Ahead';
}

/** Resolves when the server has acknowledged the last byte. Rejects with a ServerError, Ahead, or the signal's reason. */
export async function transfer({
	url,
	source,
	signal,
	onProgress,
	stallMs = 30_000,
	stack,
}: TransferOptions): Promise<void> {
	signal.throwIfAborted();
	const tus = await import('tus-js-client');
	await new Promise<void>((resolve, reject) => {
		let watch: ReturnType<typeof setTimeout> | undefined;
		const end = (error?: unknown) => {
			clearTimeout(watch);
			signal.removeEventListener('abort', onAbort);
			if (error === undefined) return resolve();
			upload.abort().catch(() => {}); // nothing is left to be told
			reject(error);
		};
		const onAbort = () => end(signal.reason);
		const alive = (stalls: boolean) => {
			clearTimeout(watch);
			if (stalls) watch = setTimeout(() => end(new ServerError(0, 'stalled', 'The connection stood still.')), stallMs);
		};
		const slice = async (start: number) => {
			if (start > source.available && source.size !== null) throw new Ahead();
			alive(false); // waiting for the camera is not waiting for the network
			await source.more(start, signal);
			const stop = Math.min(source.available, start + PIECE);
			const value = stop > start ? await source.read(start, stop) : null;
			alive(true);
			return { value, done: source.size !== null && stop >= source.size };
		};
		const upload = new tus.Upload(new Blob(), {
			uploadUrl: new URL(url, location.href).href,
			uploadLengthDeferred: true,
			retryDelays: null,
			storeFingerprintForResuming: false,
			chunkSize: PIECE,
			httpStack: new DeclareOnce(stack ?? new tus.DefaultHttpStack({})),
			fileReader: { openFile: async () => ({ size: Number.NaN, slice, close() {} }) },
			onProgress(sent) {
				alive(true);
				onProgress(sent);
			},
			onSuccess: () => end(),
			onError: (error) => end(problemOf(error)),
		});
		signal.addEventListener('abort', onAbort, { once: true });
		alive(true);
		upload.start();
	});
}

function problemOf(error: Error): Error {
	if (!('originalResponse' in error)) return error;
	const { originalResponse, causingError } = error as DetailedError;
	if (originalResponse) return ServerError.from(originalResponse.getStatus(), originalResponse.getBody());
	// What failed here, such as reading the take, is an Error; what failed on the way is the event of an XHR.
	return causingError instanceof Error ? causingError : new ServerError(0, 'unreachable', error.message);
}

/**
 * tus-js-client names the length with the last piece of a deferred upload. When the answer to that piece is lost, it
 * would name it again after the resume, and tus allows that once only (400). So the header is left out where the HEAD
 * of the resume has shown that the server knows the length.
 */
class DeclareOnce implements HttpStack {
	#inner: HttpStack;
	#known = false;

	constructor(inner: HttpStack) {
		this.#inner = inner;
	}

	getName(): string {
		return this.#inner.getName();
	}

	createRequest(method: string, url: string): HttpRequest {
		const request = this.#inner.createRequest(method, url);
		const set = request.setHeader.bind(request);
		request.setHeader = (name, value) => {
			if (name !== 'Upload-Length' || !this.#known) set(name, value);
		};
		if (method === 'HEAD') {
			const send = request.send.bind(request);
			request.send = async (body) => {
				const answer = await send(body);
				this.#known = Boolean(answer.getHeader('Upload-Length'));
				return answer;
			};
		}
		return request;
	}
}
