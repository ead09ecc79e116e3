import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { clip } from './kit/clips.ts';
import { type Company, data, type Person } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

const title = 'What silence does after the price';

/** A video of an author that five colleagues watched, and two of them used with a customer. */
async function modeled(company: Company, author: Person, viewers: Person[], tactic: string): Promise<string> {
	const words = 'I said the number, and then I said nothing. He filled the silence himself.';
	const id = await company.upload(author, await clip(words, 14, '0x7a4fa3'), title);
	const path = { id };
	await until('the video playable', async () =>
		['playable', 'ready'].includes((await data(author.api.GET('/api/v1/videos/{id}', { params: { path } }))).state),
	);
	await company.change(author, id, { audience: 'everyone', tactics: [tactic] });
	for (const [i, viewer] of viewers.entries()) {
		const event = {
			id: randomUUID(),
			video_id: id,
			from_ms: 0,
			to_ms: 12_000,
			at: new Date().toISOString(),
			source: 'search',
		};
		await data(viewer.api.POST('/api/v1/watch', { body: { events: [event] } }));
		if (i < 2) await data(viewer.api.POST('/api/v1/uses', { body: { video_id: id, start_ms: 2000, end_ms: 9000 } }));
	}
	return id;
}

/** A CRM's export of twelve deals: the id is missing once, a date and an amount cannot be read, and one owner is nobody. */
function deals(mark: string, owner: Person): string {
	const head =
		'Opportunity ID,Opportunity Name,Opportunity Owner,Owner Email,Amount,Stage,Created Date,Close Date,Is Won,Is Closed,Lead Source';
	const rows = Array.from({ length: 12 }, (_, i) => {
		const id = i === 3 ? '' : `006${mark}${String(i).padStart(9, '0')}`;
		const opened = i === 5 ? 'some day' : `2026-0${(i % 8) + 1}-04`;
		const email = i === 9 ? 'zoe@nowhere.example' : owner.email;
		const name = i === 9 ? 'Zoe Laurent' : owner.name;
		return `${id},Halm ${mark} ${i},${name},${email},${i === 7 ? 'a lot' : 1000 * i},Closed Won,${opened},2026-09-0${(i % 9) + 1},true,true,Web`;
	});
	return [head, ...rows].join('\n');
}
const file = (name: string, text: string) => ({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });

// Alone: the glossary is one for all, and is saved as a whole.
export default spec(
	'a trainer',
	{ devices: ['desktop', 'iphone'], alone: true },
	async ({ page, device, company, person, enter, step, axe, allow }) => {
		const mark = device === 'desktop' ? 'DSK' : 'PHN';
		const [trainer, author] = await Promise.all([person('trainer'), person('rep', `Renske Vos ${mark}`)]);
		const viewers = await Promise.all(Array.from({ length: 5 }, () => person('rep')));
		const team = await company.team(`Silence ${mark}`, { members: [author, ...viewers] });
		const tactic = `Keep silent ${mark}`;
		const key = tactic.toLowerCase().replaceAll(' ', '-');
		const terms = async () =>
			(await data(trainer.api.GET('/api/v1/vocabulary', { params: { query: { kind: 'tactic', retired: true } } })))
				.items;

		await step('add a tactic', async () => {
			await enter(trainer, '/vocabulary');
			await page.getByRole('button', { name: 'Add a tactic' }).click();
			const form = page.getByRole('dialog');
			await form.getByLabel('Name').fill(tactic);
			await form.getByLabel('Description').fill('Say the price, then nothing.');
			await form.getByLabel('Phrases that suggest it').fill('then I said nothing\ntotal cost');
			await shows(form.getByText('“total cost” suggests “Compare total cost, not price” too.'));
			await axe('term');
			await form.getByRole('button', { name: 'Save' }).click();
			await hides(form);
			await shows(page.getByRole('heading', { name: tactic }));
		});
		await step('edit it, retire it, and take that back', async () => {
			const more = page.getByRole('button', { name: `More for ${tactic}` });
			await more.click();
			await page.getByRole('button', { name: 'Edit', exact: true }).click();
			const form = page.getByRole('dialog');
			await form.getByLabel('Phrases that suggest it').fill('then I said nothing');
			await form.getByRole('button', { name: 'Save' }).click();
			await hides(form);
			await more.click();
			await page.getByRole('button', { name: 'Retire', exact: true }).click();
			await until('it is retired', async () => (await terms()).some((one) => one.key === key && one.retired));
			await page.getByRole('button', { name: 'Undo' }).click();
			await until('it is back', async () => (await terms()).some((one) => one.key === key && !one.retired));
			assert.deepEqual((await terms()).find((one) => one.key === key)?.keywords, ['then I said nothing']);
		});

		const heard = `medic ${mark.toLowerCase()}`;
		const glossary = async () => (await data(trainer.api.GET('/api/v1/glossary'))).items;
		await step('add to the glossary, which somebody else changes meanwhile', async () => {
			await page.getByRole('link', { name: 'Glossary' }).click();
			await page.getByRole('button', { name: 'Add a pair' }).click();
			await page.getByLabel('Heard, Pair 1').fill(heard);
			await shows(page.getByText('1 pair needs a look'));
			await page.getByLabel('Written, Pair 1').fill('MEDDIC');
			const entries = [...(await glossary()), { heard: `theirs ${mark}`, written: 'Theirs' }];
			await data(company.admin.api.PUT('/api/v1/glossary', { body: { entries } }));
			const save = page.getByRole('button', { name: 'Save glossary' });
			await save.click();
			await shows(page.getByText('Somebody else changed the glossary meanwhile'));
			await axe('glossary');
			await save.click();
			await until('both pairs on the server', async () => {
				const all = (await glossary()).map((entry) => entry.heard);
				return all.includes(heard) && all.includes(`theirs ${mark}`);
			});
		});

		const owned = async () =>
			(await data(trainer.api.GET('/api/v1/deals', { params: { query: { q: 'Halm', limit: 100 } } }))).items.filter(
				(deal) => deal.name.includes(mark),
			);
		const choose = page.getByLabel('Choose a CSV file');
		await step('be told at once that a spreadsheet is no CSV', async () => {
			await page.goto('/import');
			await choose.setInputFiles(file('deals.xlsx', 'PK'));
			await says(page.getByRole('alert'), 'save it as CSV');
			await page.getByRole('button', { name: 'Another file' }).click();
		});
		await step('a dry run shows every bad row, and writes nothing', async () => {
			await choose.setInputFiles(file('deals.csv', deals(mark, author)));
			await shows(page.getByRole('heading', { name: 'Dry run: nothing is written yet' }));
			const rows = page.getByRole('table', { name: 'Rows that cannot be read' }).getByRole('row');
			const told = (await rows.allInnerTexts()).join('\n').replace(/\s+/g, ' ');
			for (const [line, column, words] of [
				[5, 'Opportunity ID', 'A needed cell is empty'],
				[7, 'Created Date', 'The date cannot be read'],
				[9, 'Amount', 'The amount cannot be read'],
			])
				assert.match(told, new RegExp(`${line} ${column} ${words}`));
			await shows(page.getByRole('heading', { name: 'Owners without an account' }));
			await shows(page.getByText('zoe@nowhere.example'));
			assert.equal(await page.getByLabel('Opened', { exact: true }).inputValue(), 'Created Date');
			assert.deepEqual(await owned(), []);
			await axe('dry run');
		});
		await step('then they come in', async () => {
			await page.getByRole('button', { name: 'Import 9 deals' }).click();
			await shows(page.getByRole('heading', { name: 'Imported' }));
			assert.equal((await owned()).length, 9);
			await axe('imported');
			await page.getByRole('button', { name: 'Another file' }).click();
			await choose.setInputFiles(file('deals.csv', deals(mark, author)));
			await shows(page.getByText('Nothing to import'));
		});
		await step('dates that can be read both ways are asked about', async () => {
			allow(422, /^\/api\/v1\/deals\/import$/);
			await page.getByRole('button', { name: 'Another file' }).click();
			const text = `Deal ID,Deal Name,Owner,Status,Created\nX${mark},Halm ${mark} X,${author.name},open,03/04/2026\n`;
			await choose.setInputFiles(file('both.csv', text));
			await page.getByRole('radio', { name: /Day first/ }).check({ force: true });
			await axe('which order');
			await page.getByRole('button', { name: 'Go on' }).click();
			await page.getByRole('button', { name: 'Import 1 deal' }).click();
			await shows(page.getByRole('heading', { name: 'Imported' }));
			const deal = (await owned()).find((one) => one.external_id === `X${mark}`);
			assert.equal(deal?.opened_at.slice(0, 10), '2026-04-03');
		});
		await step('the deals', async () => {
			await page.getByRole('link', { name: 'See the deals' }).click();
			await page.getByLabel('Find a deal').fill('Halm');
			await shows(page.getByText(`Halm ${mark} X`));
			await until('the search in the address', () => new URL(page.url()).searchParams.get('q') === 'Halm');
			await axe('deals');
		});

		const video = await modeled(company, author, viewers, key);
		const search = () => Object.fromEntries(new URL(page.url()).searchParams);
		await step('most modeled, with the filters in the address', async () => {
			await page.goto('/reports/modeled');
			await page.getByLabel('Team').selectOption({ label: `Silence ${mark}` });
			await page.getByLabel('Tactic').selectOption({ label: tactic });
			await page.getByLabel('When they did it').selectOption({ label: 'Last 90 days' });
			await until(
				'the filters in the address',
				() => search().team === team && search().tactic === key && search().from,
			);
			const row = page.getByRole('row').filter({ hasText: author.name });
			await says(row, '40%');
			const counts = (await row.getByRole('cell').allInnerTexts()).map((text) => text.trim());
			assert.deepEqual(counts, ['5', '0', '0', '2', '40%']);
			const about = page.getByRole('complementary', { name: 'How this is counted' });
			await says(about, 'counted apart and never added up');
			await says(about, new RegExp(`As of[^]*Silence ${mark}[^]*${tactic}`));
			await axe('modeled');
		});
		await step('the same table again from its address, sorted otherwise', async () => {
			await page.reload();
			await shows(page.getByRole('row').filter({ hasText: author.name }));
			await page.getByRole('button', { name: 'Saw' }).click();
			await shows(page.getByRole('columnheader', { name: 'Saw' }).and(page.locator('[aria-sort="descending"]')));
			assert.equal(search().sort, 'saw');
		});
		await step('as a file, with definition and date', async () => {
			const [saved] = await Promise.all([
				page.waitForEvent('download'),
				page.getByRole('button', { name: 'Download this table as CSV' }).click(),
			]);
			const text = await readFile(await saved.path(), 'utf8');
			assert.match(text, /Definition,"Distinct colleagues/);
			assert.match(text, /As of,20\d\d-/);
			assert.match(text, new RegExp(`\\r\\n${author.name},1,5,0,0,2,0\\.4\\r\\n`));
		});
		await step('on to the videos of a person, and to the second of a moment', async () => {
			await page.getByRole('link', { name: author.name }).click();
			await shows(page.getByRole('link', { name: title }));
			await page.getByRole('radio', { name: 'Moments' }).check({ force: true });
			const moment = page.getByRole('link', { name: '0:02–0:09' });
			await shows(moment);
			assert.equal(await moment.getAttribute('href'), `/watch/${video}?t=2000&end=9000`);
			await axe('moments');
		});
		await step('tactics: not enough data is an answer', async () => {
			await page.getByRole('navigation', { name: 'Reports' }).getByRole('link', { name: 'Tactics' }).click();
			await shows(page.getByRole('heading', { name: 'Not enough data yet' }));
			assert.deepEqual([search().team, search().tactic], [team, key]);
			const of = search();
			const [row] = (await data(trainer.api.GET('/api/v1/insights/tactics', { params: { query: of } }))).tactics;
			assert.match(row?.wording ?? '', /^Not enough data/);
			await shows(page.getByText(row?.wording ?? '', { exact: true }));
			await says(page.getByRole('complementary', { name: 'How this is counted' }), /Method\s+Association/);
			await axe('tactics');
		});
	},
);
