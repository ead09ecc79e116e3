import { session } from '../../api/me.svelte.ts';
import { noAnswer, Problem } from '../../api/problem.ts';
import { type Answer, answerOf } from './answer.ts';
import { en } from './en.ts';

/** How a file is to be read; what is empty is recognised. */
export interface Options {
	readonly dryRun: boolean;
	readonly preset: string;
	readonly dateOrder: string;
	/** The column of a field by its header; "" says that there is none. */
	readonly mapping: Readonly<Record<string, string>>;
}

/** What the server takes at most. */
export const maxBytes = 64 << 20;

/** Why a file is not worth sending, or "" for one that is. Its inside is the server's to judge. */
export function refusal(file: { name: string; size: number }): string {
	if (/\.(xlsx?|xlsm|xlsb|ods|numbers)$/i.test(file.name)) return en.refused.workbook;
	if (/\.(pdf|zip|gz|docx?|pptx?|png|jpe?g|heic|mp4|mov|json|xml|html?)$/i.test(file.name)) return en.refused.other;
	if (file.size === 0) return en.refused.empty;
	if (file.size > maxBytes) return en.refused.large(maxBytes);
	return '';
}

/** The address that a file is sent to. */
export function target(filename: string, options: Options): string {
	const query = new URLSearchParams({ dry_run: String(options.dryRun), filename: filename.slice(-200) });
	if (options.preset && options.preset !== 'plain') query.set('preset', options.preset);
	if (options.dateOrder) query.set('date_order', options.dateOrder);
	if (Object.keys(options.mapping).length > 0) query.set('mapping', JSON.stringify(options.mapping));
	return `/api/v1/deals/import?${query}`;
}

/**
 * Sends a file and gives what the server says. By XMLHttpRequest, which tells how much of it has left: fetch does not.
 * Rejects with a Problem; `signal` breaks it off, which rejects with an AbortError.
 */
export function send(
	file: File,
	options: Options,
	{ sent, signal }: { sent: (share: number) => void; signal: AbortSignal },
): Promise<Answer> {
	return new Promise((resolve, reject) => {
		const request = new XMLHttpRequest();
		const stop = () => request.abort();
		signal.addEventListener('abort', stop);
		request.upload.onprogress = (event) => sent(event.lengthComputable ? event.loaded / event.total : 0);
		request.upload.onload = () => sent(1);
		request.onloadend = () => signal.removeEventListener('abort', stop);
		request.onabort = () => reject(new DOMException('', 'AbortError'));
		request.onerror = () => {
			// A file that cannot be read any more fails as the network does.
			file
				.slice(0, 1)
				.arrayBuffer()
				.then(
					() => reject(noAnswer()),
					() => reject(new Problem(0, 'file_gone', en.refused.gone)),
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
			try {
				resolve(answerOf(request.status, body));
			} catch (problem) {
				reject(problem);
			}
		};
		request.open('POST', target(file.name, options));
		request.setRequestHeader('Content-Type', 'text/csv');
		request.send(file);
	});
}
