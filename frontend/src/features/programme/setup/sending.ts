import { session } from '../../../api/me.svelte.ts';
import { noAnswer, Problem, problemOf } from '../../../api/problem.ts';
import { restEn as rest } from './rest.en.ts';

/** The bounds of the server. */
export const mostBytes = 20 << 20;
export const mostFiles = 10;

/** What the picker offers; what a file is, is the server's to say. */
export const accepted =
	'.pdf,.png,.jpg,.jpeg,.webp,.txt,.md,.docx,.pptx,.xlsx,application/pdf,image/png,image/jpeg,image/webp,text/plain';

/** Why a file is not worth sending, or "" for one that is. */
export function refusal(file: { size: number }): string {
	if (file.size === 0) return rest.attachments.empty;
	return file.size > mostBytes ? rest.attachments.large : '';
}

/** A title out of a file's name: without folders and ending, and with blanks for what stands for them. */
export function titleOf(name: string): string {
	const base = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
	const bare = base.replace(/\.[a-z0-9]{1,5}$/i, '').replace(/[_\s]+/g, ' ');
	return (bare.trim() || base.trim()).slice(0, 120);
}

/** Where a file of a programme is. */
export const fileAddress = (programme: string, file: string): string => `/api/v1/programmes/${programme}/files/${file}`;

/** A file as the server has it. */
export interface Kept {
	readonly id: string;
	readonly name: string;
	readonly type: string;
	readonly bytes: number;
}

/**
 * Sends a file; the same id again is kept once. By XMLHttpRequest, which tells how much of it has left: fetch does not.
 * Rejects with a Problem; `signal` breaks it off, which rejects with an AbortError.
 */
export function sendFile(
	programme: string,
	id: string,
	file: File,
	{ sent, signal }: { sent: (share: number) => void; signal: AbortSignal },
): Promise<Kept> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const stop = () => request.abort();
		signal.addEventListener('abort', stop);
		request.upload.onprogress = (event) => sent(event.lengthComputable ? event.loaded / event.total : 0);
		request.onloadend = () => signal.removeEventListener('abort', stop);
		request.onabort = () => reject(new DOMException('', 'AbortError'));
		request.onerror = () => {
			// A file that cannot be read any more fails as the network does.
			file
				.slice(0, 1)
				.arrayBuffer()
				.then(
					() => reject(noAnswer()),
					() => reject(new Problem(0, 'file_gone', rest.attachments.gone)),
				);
		};
		request.onload = () => {
			let body: unknown = null;
			try {
				body = JSON.parse(request.responseText);
			} catch {
				// Not from our server: the status says enough.
			}
			if (request.status === 401) void session.load(); // shows the sign-in
			if (request.status >= 200 && request.status < 300 && body) resolve(body as Kept);
			else reject(problemOf(request.status, body));
		};
		request.open('PUT', `${fileAddress(programme, id)}?${new URLSearchParams({ name: file.name.slice(-255) })}`);
		request.setRequestHeader('Content-Type', 'application/octet-stream');
		request.send(file);
	});
}
