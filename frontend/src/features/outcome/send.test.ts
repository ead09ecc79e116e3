import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { maxBytes, refusal, target } from './send.ts';

const none = { dryRun: true, preset: '', dateOrder: '', mapping: {} };

describe('a file that is not worth sending', () => {
	it.each([
		['deals.csv', 10, ''],
		['DEALS.CSV', maxBytes, ''],
		['deals.txt', 10, ''],
		['deals', 10, ''],
		['deals.csv', 0, en.refused.empty],
		['deals.csv', maxBytes + 1, en.refused.large(maxBytes)],
		['deals.xlsx', 10, en.refused.workbook],
		['deals.XLS', 10, en.refused.workbook],
		['report.pdf', 10, en.refused.other],
		['clip.mp4', 10, en.refused.other],
	])('%s of %i bytes', (name, size, words) => expect(refusal({ name, size })).toBe(words));
});

describe('where it goes', () => {
	const query = (options: typeof none, name = 'deals.csv') =>
		Object.fromEntries(new URL(target(name, options), 'http://x').searchParams);
	it('says nothing of what is to be recognised', () =>
		expect(query(none)).toEqual({ dry_run: 'true', filename: 'deals.csv' }));
	it('says what was chosen', () => {
		const options = { dryRun: false, preset: 'hubspot', dateOrder: 'dmy', mapping: { name: 'Kunde', owner: '' } };
		expect(query(options)).toEqual({
			dry_run: 'false',
			filename: 'deals.csv',
			preset: 'hubspot',
			date_order: 'dmy',
			mapping: '{"name":"Kunde","owner":""}',
		});
	});
	it('keeps the end of a long name', () => expect(query(none, `${'x'.repeat(300)}.csv`).filename).toHaveLength(200));
});
