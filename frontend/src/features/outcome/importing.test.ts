import { describe, expect, it } from 'vitest';
import { noAnswer, Problem } from '../../api/problem.ts';
import type { Answer, Report } from './answer.ts';
import { en } from './en.ts';
import { Importing } from './importing.svelte.ts';
import type { Options, send } from './send.ts';

const report = (over: Partial<Report> = {}): Answer => ({
	kind: 'report',
	report: {
		dry_run: true,
		preset: 'salesforce',
		date_order: 'ymd',
		mapping: { external_id: 'Id', name: 'Name' },
		rows: 2,
		created: 2,
		updated: 0,
		unchanged: 0,
		failed: 0,
		errors: [],
		unknown_columns: ['Lead Source'],
		unmatched_owners: [],
		...over,
	},
});
const file = (name = 'deals.csv', text = 'Id,Name\n1,a\n') => new File([text], name);

/** A server that gives these answers in turn, and remembers what it was asked. */
function server(...answers: (Answer | Error)[]) {
	const asked: Options[] = [];
	const how: typeof send = (_file, options, { sent }) => {
		asked.push(options);
		sent(1);
		const answer = answers.shift();
		return answer instanceof Error || !answer
			? Promise.reject(answer ?? new Error('asked too often'))
			: Promise.resolve(answer);
	};
	return { asked, how };
}

describe('a file on its way in', () => {
	it('is checked, then imported as it was checked', async () => {
		const { asked, how } = server(report(), report({ dry_run: false, import_id: 'i' }));
		const job = new Importing(how);
		await job.pick(file());
		expect(job.ready).toBe(true);
		expect(job.done).toBeUndefined();
		await job.run();
		expect(job.done?.import_id).toBe('i');
		expect(asked.map((one) => one.dryRun)).toEqual([true, false]);
	});

	it('is not sent where it cannot be one', async () => {
		const { asked, how } = server();
		const job = new Importing(how);
		await job.pick(file('deals.xlsx'));
		expect(job.refused).toBe(en.refused.workbook);
		await job.pick(file('deals.csv', ''));
		expect(job.refused).toBe(en.refused.empty);
		expect(asked).toEqual([]);
	});

	it('asks for columns, and sends what was suggested together with what was chosen', async () => {
		const ask: Answer = {
			kind: 'columns',
			preset: 'plain',
			columns: [
				{ name: 'Nr', samples: ['1'] },
				{ name: 'Kunde', samples: [] },
			],
			suggestions: { name: 'Kunde' },
			missing: ['external_id'],
		};
		const { asked, how } = server(ask, report());
		const job = new Importing(how);
		await job.pick(file());
		expect(job.ready).toBe(false);
		expect(job.column('name')).toBe('Kunde');
		job.map('external_id', 'Nr');
		await job.check();
		expect(asked[1]?.mapping).toEqual({ name: 'Kunde', external_id: 'Nr' });
		expect(job.ready).toBe(true);
	});

	it('asks for the order of dates', async () => {
		const { asked, how } = server(
			{ kind: 'order', column: 'Created', mixed: false, examples: ['03/04/2026'] },
			report(),
		);
		const job = new Importing(how);
		await job.pick(file());
		job.say({ order: 'dmy' });
		await job.check();
		expect(asked[1]?.dateOrder).toBe('dmy');
		expect(job.ready).toBe(true);
	});

	it('is not imported otherwise than it was checked', async () => {
		const { asked, how } = server(report(), report());
		const job = new Importing(how);
		await job.pick(file());
		job.map('name', 'Lead Source');
		expect(job.ready).toBe(false);
		await job.run();
		expect(asked).toHaveLength(1);
		await job.check();
		expect(asked[1]?.mapping).toEqual({ name: 'Lead Source' });
		expect(job.ready).toBe(true);
	});

	it('forgets what was said about columns when the CRM is another', async () => {
		const { how } = server(report());
		const job = new Importing(how);
		await job.pick(file());
		job.map('name', 'Lead Source');
		job.say({ preset: 'hubspot' });
		expect(job.mapping).toEqual({});
		expect(job.stale).toBe(true);
	});

	it('has nothing to import where nothing would change', async () => {
		const { how } = server(report({ created: 0, unchanged: 2 }));
		const job = new Importing(how);
		await job.pick(file());
		expect(job.ready).toBe(false);
	});

	it('keeps file, answers and dry run when the network goes, and can go on', async () => {
		const { asked, how } = server(report(), noAnswer(), report({ dry_run: false }));
		const job = new Importing(how);
		await job.pick(file());
		await job.run();
		expect(job.problem?.message).toBe(en.refused.offline);
		expect(job.ready).toBe(true);
		await job.run();
		expect(job.problem).toBeUndefined();
		expect(job.done?.created).toBe(2);
		expect(asked).toHaveLength(3);
	});

	it('shows what the server refuses', async () => {
		const { how } = server(new Problem(422, 'deals_file_empty', 'The file has no rows.'));
		const job = new Importing(how);
		await job.pick(file());
		expect(job.problem?.message).toBe('The file has no rows.');
		expect(job.busy).toBe('');
	});

	it('can be stopped, and says nothing then', async () => {
		const how: typeof send = (_file, _options, { signal }) =>
			new Promise((_, reject) => {
				signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
			});
		const job = new Importing(how);
		const picked = job.pick(file());
		expect(job.busy).toBe('checking');
		job.stop();
		await picked;
		expect(job.busy).toBe('');
		expect(job.problem).toBeUndefined();
		expect(job.file?.name).toBe('deals.csv');
	});
});
