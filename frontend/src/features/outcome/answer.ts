import type { Schemas } from '../../api/client.ts';
import { type Problem, problemOf } from '../../api/problem.ts';

export type Report = Schemas['ImportDTO'];

/** What the server says to a file: what is or would be imported, or what it has to be told first. */
export type Answer =
	| { readonly kind: 'report'; readonly report: Report }
	| {
			readonly kind: 'columns';
			readonly preset: string;
			readonly columns: readonly { name: string; samples: readonly string[] }[];
			readonly suggestions: Readonly<Record<string, string>>;
			readonly missing: readonly string[];
	  }
	| { readonly kind: 'order'; readonly column: string; readonly mixed: boolean; readonly examples: readonly string[] };

type Facts = Record<string, unknown>;
const isFacts = (value: unknown): value is Facts =>
	typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): string[] =>
	Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

function question(code: string, context: Facts): Answer | undefined {
	if (code === 'deals_mapping_needed') {
		return {
			kind: 'columns',
			preset: text(context.preset),
			columns: (Array.isArray(context.columns) ? context.columns : [])
				.filter(isFacts)
				.map((column) => ({ name: text(column.name), samples: texts(column.samples) })),
			suggestions: Object.fromEntries(
				Object.entries(isFacts(context.suggestions) ? context.suggestions : {}).map(([k, v]) => [k, text(v)]),
			),
			missing: texts(context.missing),
		};
	}
	if (code === 'deals_date_order_needed') {
		return {
			kind: 'order',
			column: text(context.column),
			mixed: context.mixed === true,
			examples: texts(context.examples),
		};
	}
	return;
}

/** Reads the answer to a file; what is neither a report nor a question is thrown as a Problem. */
export function answerOf(status: number, body: unknown): Answer {
	if (status >= 200 && status < 300) return { kind: 'report', report: body as Report };
	const asked = isFacts(body) && isFacts(body.context) ? question(text(body.code), body.context) : undefined;
	if (asked) return asked;
	const problem: Problem = problemOf(status, body);
	throw problem;
}

/** A date that can be read two ways, as both; undefined for what is not of that kind. */
export function readings(example: string): { dmy: Date; mdy: Date } | undefined {
	const found = /^\s*(\d{1,2})[./-](\d{1,2})[./-](\d{2,4})/.exec(example);
	if (!found) return;
	const [a, b, y] = [Number(found[1]), Number(found[2]), Number(found[3])];
	if (a < 1 || b < 1 || a > 12 || b > 12) return;
	const year = y < 100 ? 2000 + y : y;
	return { dmy: new Date(Date.UTC(year, b - 1, a)), mdy: new Date(Date.UTC(year, a - 1, b)) };
}

/** How many deals an import would write or has written. */
export const changes = (report: Report): number => report.created + report.updated;

/** All columns of a file that was read, in words of the file. */
export const columnsOf = (report: Report): string[] => [
	...new Set([...Object.values(report.mapping), ...report.unknown_columns]),
];
