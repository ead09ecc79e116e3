import { describe, expect, it } from 'vitest';
import { Problem } from '../../api/problem.ts';
import { answerOf, columnsOf, type Report, readings } from './answer.ts';

const report: Report = {
	dry_run: true,
	preset: 'hubspot',
	date_order: 'ymd',
	mapping: { external_id: 'Record ID', name: 'Deal Name', owner: 'Deal owner', owner_email: 'Deal owner' },
	rows: 3,
	created: 2,
	updated: 0,
	unchanged: 0,
	failed: 1,
	errors: [],
	unknown_columns: ['Pipeline'],
	unmatched_owners: [],
};

describe('what the server says to a file', () => {
	it('is a report', () => expect(answerOf(200, report)).toEqual({ kind: 'report', report }));
	it('is a question about columns', () => {
		const context = {
			preset: 'plain',
			columns: [{ name: 'Kunde', samples: ['Halm', 'Rast'] }, { name: 'Wert' }, 7],
			suggestions: { name: 'Kunde' },
			missing: ['external_id', 'opened_at'],
		};
		expect(answerOf(422, { code: 'deals_mapping_needed', context })).toEqual({
			kind: 'columns',
			preset: 'plain',
			columns: [
				{ name: 'Kunde', samples: ['Halm', 'Rast'] },
				{ name: 'Wert', samples: [] },
			],
			suggestions: { name: 'Kunde' },
			missing: ['external_id', 'opened_at'],
		});
	});
	it('is a question about the order of dates', () => {
		const context = { column: 'Created', field: 'opened_at', mixed: false, examples: ['03/04/2026'] };
		expect(answerOf(422, { code: 'deals_date_order_needed', context })).toEqual({
			kind: 'order',
			column: 'Created',
			mixed: false,
			examples: ['03/04/2026'],
		});
	});
	it.each([
		[422, { code: 'deals_file_empty', detail: 'The file has no rows.' }, 'The file has no rows.'],
		[422, { code: 'deals_mapping_needed', detail: 'Say which they are.' }, 'Say which they are.'],
		[403, { code: 'forbidden', detail: 'Only a trainer.' }, 'Only a trainer.'],
		[502, '<html>', 'The server answered 502. Try again in a moment.'],
	])('is a problem: %i', (status, body, words) => {
		expect(() => answerOf(status, body)).toThrowError(words);
		expect(() => answerOf(status, body)).toThrowError(Problem);
	});
});

it.each([
	['03/04/2026', '2026-04-03', '2026-03-04'],
	['1.2.26 09:30', '2026-02-01', '2026-01-02'],
])('%s can be read as two days', (example, dmy, mdy) => {
	const days = readings(example);
	expect(days?.dmy.toISOString().slice(0, 10)).toBe(dmy);
	expect(days?.mdy.toISOString().slice(0, 10)).toBe(mdy);
});
it.each(['2026-03-04', '31/12/2026', 'soon', ''])('%j cannot', (example) => expect(readings(example)).toBeUndefined());

it('knows each column once', () =>
	expect(columnsOf(report)).toEqual(['Record ID', 'Deal Name', 'Deal owner', 'Pipeline']));
