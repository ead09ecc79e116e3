import type { components } from './schema.d.ts';

type Body = components['schemas']['Problem'];

/** What went wrong with a request: an RFC 9457 problem of the server, or the network. */
export class Problem extends Error {
	/** HTTP status; 0 where no answer came. */
	readonly status: number;
	/** The server's stable code, or "offline". */
	readonly code: string;
	/** Messages by field name, as the form calls it: the last part of body.name. */
	readonly fields: Readonly<Record<string, string>>;
	readonly requestId: string;
	/** Further facts, by code. */
	readonly context: Readonly<Record<string, unknown>>;

	constructor(
		status: number,
		code: string,
		words: string,
		fields: Record<string, string> = {},
		requestId = '',
		context: Record<string, unknown> = {},
	) {
		super(words);
		this.name = 'Problem';
		this.status = status;
		this.code = code;
		this.fields = fields;
		this.requestId = requestId;
		this.context = context;
	}

	/** No answer came; trying again may help. */
	get offline(): boolean {
		return this.status === 0;
	}

	/** There is no such thing, or one may not see it. */
	get missing(): boolean {
		return this.status === 404;
	}
}

const fieldName = (location: string): string => location.replace(/^(body|query|path)\./, '');

/** Reads a problem out of an error answer's body; anything else becomes a problem in plain words. */
export function problemOf(status: number, body: unknown): Problem {
	const p = (typeof body === 'object' && body !== null ? body : {}) as Partial<Body>;
	const fields: Record<string, string> = {};
	for (const e of p.errors ?? []) if (e.field) fields[fieldName(e.field)] ??= e.detail ?? '';
	if (p.field) fields[fieldName(p.field)] ??= p.detail ?? '';
	const words = p.detail || p.title || `The server answered ${status}. Try again in a moment.`;
	return new Problem(status, p.code ?? 'unknown', words, fields, p.request_id ?? '', p.context ?? {});
}

/** The problem of a request that got no answer. */
export const noAnswer = (): Problem =>
	new Problem(0, 'offline', 'The server cannot be reached. Check the connection, then try again.');

/** Makes a problem of whatever was thrown; an aborted request stays what it is. */
export function asProblem(thrown: unknown): Problem {
	if (thrown instanceof Problem) return thrown;
	if (thrown instanceof TypeError) return noAnswer(); // what fetch throws without a network
	return new Problem(0, 'unknown', thrown instanceof Error ? thrown.message : String(thrown));
}
