import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { type Company, data, type Person } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { sendPractice } from './kit/taking.ts';
import { hides, says, shows, until } from './kit/wait.ts';

const onePager = Buffer.from('%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n');

/** A rep tries once, and their manager decides at these levels of every criterion. */
async function attempt(
	company: Company,
	programme: string,
	rep: Person,
	manager: Person,
	level: number,
	decision: 'pass' | 'retry',
): Promise<void> {
	const enrolment = await until('the enrolment', async () =>
		(await data(rep.api.GET('/api/v1/enrolments'))).items.find((one) => one.programme.id === programme),
	);
	const words = 'They told me the price is too high. I asked what a month of waiting costs them.';
	const video = await sendPractice(company, rep, enrolment.id, await clip(words, 8, '0x8a5a2d'));
	const made = await until('an attempt that can be submitted', async () => {
		const body = { id: randomUUID(), video_id: video };
		return data(rep.api.POST('/api/v1/enrolments/{id}/attempts', { params: { path: { id: enrolment.id } }, body }));
	});
	const item = await until('the review', async () => {
		const query = { box: 'mine' } as const;
		const { items } = await data(manager.api.GET('/api/v1/reviews', { params: { query } }));
		return items.find((one) => one.attempt.id === made.id);
	});
	const path = { id: item.id };
	const { rubric } = await data(manager.api.GET('/api/v1/reviews/{id}', { params: { path } }));
	const levels = Object.fromEntries(rubric.criteria.map((one) => [one.id, level]));
	await data(
		manager.api.POST('/api/v1/reviews/{id}/send', {
			params: { path },
			body: {
				levels,
				notes: [],
				decision,
				retry_criteria: decision === 'retry' ? rubric.criteria.slice(0, 1).map((one) => one.id) : [],
				message: 'Thank you.',
			},
		}),
	);
}

export default spec(
	'a programme',
	{ devices: ['desktop', 'iphone'], alone: true },
	async ({ page, device, company, person, enter, open, step, axe, shot, allow }) => {
		const mark = device === 'desktop' ? 'Desk' : 'Phone';
		const name = `Price objections ${mark}`;
		const [trainer, manager, first, second] = await Promise.all([
			person('trainer'),
			person('manager'),
			person('rep', `Ulla Brandt ${mark}`),
			person('rep', `Viktor Ilves ${mark}`),
		]);
		await company.team(`Sellers ${mark}`, { members: [first, second], managers: [manager] });
		const other = await person('rep', `Wim Zeeman ${mark}`);
		await company.team(`Others ${mark}`, { members: [other] });
		const programmes = async () => (await data(trainer.api.GET('/api/v1/programmes'))).items;
		/** Takes the words about what was just done away: they lie over what is pressed next. */
		const tidy = () =>
			until('nothing lies over the page', async () => {
				const button = page.getByRole('button', { name: 'Dismiss' }).first();
				if (await button.isVisible()) await button.click({ timeout: 1000 });
				return !(await button.isVisible());
			});
		const mine = async () => {
			const found = (await programmes()).find((one) => one.name === name);
			assert.ok(found, 'the programme is on the server');
			return found;
		};

		await step('begin a draft', async () => {
			await enter(trainer, '/programmes');
			await page.getByRole('link', { name: 'New programme' }).first().click();
			await page.getByLabel('What it is called').fill(name);
			await axe('new');
			await page.getByRole('button', { name: 'Begin the draft' }).click();
			await shows(page.getByRole('heading', { name: 'Before it can be opened' }));
			await page
				.getByLabel('Brief')
				.fill('They say it is too much. Answer as you would on the phone, and end with a date.');
			await until('the brief on the server', async () => (await mine()).brief.endsWith('with a date.'));
			await axe('draft');
		});
		const { id } = await mine();

		await step('make a rubric for it, out of the starter', async () => {
			await page.getByRole('link', { name: 'New rubric' }).click();
			await page.getByLabel('Name of the rubric').fill(`Price ${mark}`);
			await shows(page.getByRole('button', { name: /^Move Opening, 1 of 5/ }));
			await axe('starter');
			await page.getByRole('button', { name: /^Move Opening, 1 of 5/ }).focus();
			await page.keyboard.press('ArrowDown');
			await shows(page.getByRole('button', { name: /^Move Opening, 2 of 5/ }).and(page.locator(':focus')));
			await page.getByRole('button', { name: 'Add a criterion' }).click();
			await page.getByRole('button', { name: 'Save rubric' }).click();
			await shows(page.getByText('Say what is looked at.'));
			await axe('missing');
			await page.getByRole('button', { name: 'More for Without a name' }).click();
			await page.getByRole('button', { name: 'Take out', exact: true }).click();
			await page.getByRole('button', { name: 'Next step' }).first().waitFor();
			await page.getByRole('button', { name: /^Opening/ }).click();
			const levels = page.getByLabel('What one sees or hears');
			await levels.nth(2).fill('Opens very well.');
			await shows(page.getByText('“well” judges.'));
			await axe('criterion');
			await levels.nth(2).fill('Names a situation of this customer within ten seconds.');
			await page.getByRole('button', { name: 'Save rubric' }).click();
			await shows(page.getByRole('heading', { name }));
			await until('the rubric in the programme', async () => (await mine()).rubric?.name === `Price ${mark}`);
			await shows(page.getByText('Level 3 (Solid) in every criterion is 70%.'));
		});
		await step('who, until when, and a model take', async () => {
			await page.getByRole('button', { name: 'Add a team or role' }).click();
			await page.getByLabel('Team').selectOption({ label: `Sellers ${mark}` });
			await says(
				page.getByRole('region', { name: 'Who takes part' }),
				/2 people fit now\s+Ulla Brandt .* and Viktor Ilves/,
			);
			await tidy();
			await page.getByRole('radio', { name: 'Days after the start' }).check({ force: true });
			await page.getByLabel('Days', { exact: true }).fill('0');
			await shows(page.getByText('A whole number from 1 to 730.').first());
			await page.getByLabel('Days', { exact: true }).fill('10');
			await shows(page.getByText('Whoever starts today has until'));
			await page.getByRole('button', { name: 'Choose a take' }).click();
			await page.getByLabel('Words of its title').fill('Northwind');
			await page
				.getByRole('dialog')
				.getByRole('button', { name: /When Northwind is half the price/ })
				.click();
			await page.getByLabel('From', { exact: true }).fill('0:02');
			await until('all of it on the server', async () => {
				const now = await mine();
				return now.rules.length === 1 && now.due.days === 10 && now.model?.start_ms === 2000;
			});
			await atRest(page);
			await axe('set up');
		});
		await step('attach a file: it is sent, can be taken out and brought back, and is read from the brief', async () => {
			await page.getByRole('button', { name: /^Attachments/ }).click();
			const part = page.getByRole('region', { name: 'Attachments' });
			const attached = async () => (await mine()).attachments.map((one) => one.file?.name ?? one.title).join();
			allow(422, /\/files\//);
			await part.getByLabel('Add files').setInputFiles([
				{ name: 'One_pager.pdf', mimeType: 'application/pdf', buffer: onePager },
				{ name: 'Animation.pdf', mimeType: 'application/pdf', buffer: Buffer.from('GIF89a') },
			]);
			await shows(part.getByRole('alert').filter({ hasText: 'This kind of file cannot be attached.' }));
			await until('the file at the programme', async () => (await attached()) === 'One_pager.pdf');
			assert.equal(await part.getByLabel('Title').inputValue(), 'One pager');
			await axe('attached');
			await part.getByRole('button', { name: 'Forget Animation.pdf' }).click();
			await part.getByLabel('Title').fill('The one page');
			await until('its title', async () => (await mine()).attachments[0]?.title === 'The one page');
			await tidy();
			await part.getByRole('button', { name: 'Take out The one page' }).click();
			await until('it is taken out', async () => (await attached()) === '');
			await page.getByRole('button', { name: 'Undo' }).click();
			await until('it is back', async () => (await attached()) === 'One_pager.pdf');
			await tidy();
		});
		await step('who cannot see the model take is said, and what to do', async () => {
			const model = page.getByRole('region', { name: 'Model take' });
			await says(model, 'All 2 people can see it.');
			const id = await company.upload(
				trainer,
				await clip('They always say the price is too high.', 6, '0x2a5a8d'),
				`For me alone ${mark}`,
			);
			await company.ready(trainer, id);
			const use = async (model: { video_id: string; start_ms?: number; end_ms?: number }) => {
				const { version } = await mine();
				const params = { params: { path: { id: (await mine()).id } } };
				await data(trainer.api.PATCH('/api/v1/programmes/{id}', { ...params, body: { version, model } }));
			};
			const was = (await mine()).model;
			await use({ video_id: id });
			await page.reload();
			await says(model, /2 of 2 people cannot see it:\s+Ulla Brandt .* and Viktor Ilves/);
			await shows(model.getByRole('link', { name: 'Open it and widen its audience' }));
			await model.getByRole('link', { name: 'Open it and widen its audience' }).scrollIntoViewIfNeeded();
			await axe('unseen');
			await use({ video_id: was?.video_id ?? '', start_ms: 2000, end_ms: was?.end_ms ?? 0 });
			await page.reload();
			await says(model, 'All 2 people can see it.');
		});
		await step('what somebody else changes meanwhile is taken in', async () => {
			allow(409, /^\/api\/v1\/programmes\//);
			const { version } = await mine();
			const params = { params: { path: { id } } };
			await data(company.admin.api.PATCH('/api/v1/programmes/{id}', { ...params, body: { version, wait_hours: 24 } }));
			await page.getByLabel('Brief').fill('They say it is too much. What do you say?');
			await shows(page.getByText('Taken in: the waiting time.'));
			await until('both changes', async () => {
				const now = await mine();
				return now.wait_hours === 24 && now.brief.endsWith('What do you say?');
			});
			await page.getByRole('button', { name: /^Who reviews/ }).click();
			await page.getByRole('button', { name: /^Attempts/ }).click();
			await page.getByLabel('Hours between a result and the next attempt').fill('0');
			await page.getByRole('button', { name: /^Phrases/ }).click();
			await page.getByLabel('To be said', { exact: true }).fill('month of waiting');
			await until('no wait', async () => (await mine()).wait_hours === 0 && (await mine()).must_say.length === 1);
			await axe('all parts');
		});
		await step('open it', async () => {
			await page.reload();
			await shows(page.getByRole('heading', { name: 'Ready to open' }));
			assert.equal(await page.getByLabel('Brief').inputValue(), 'They say it is too much. What do you say?');
			await page.getByRole('button', { name: 'Open programme' }).click();
			const asked = page.getByRole('dialog');
			await says(asked, '2 people get it now and are told.');
			await axe('opening');
			await asked.getByRole('button', { name: 'Open programme' }).click();
			await shows(page.getByRole('row').filter({ hasText: first.name }));
			await shows(page.getByRole('row').filter({ hasText: second.name }));
			await says(page.getByRole('list', { name: 'How people stand' }), /Not started\s+2/);
		});

		await step('a participant finds the file at the brief', async () => {
			const { items } = await data(first.api.GET('/api/v1/enrolments'));
			const enrolment = items.find((one) => one.programme.id === id);
			const theirs = await open();
			await enter(first, `/certify/${enrolment?.id}`, theirs);
			const link = theirs.getByRole('link', { name: 'The one page' });
			await shows(link);
			await shot('brief', theirs);
			const got = await theirs.request.get(new URL((await link.getAttribute('href')) ?? '', theirs.url()).href);
			assert.equal(got.status(), 200);
			assert.equal(got.headers()['content-type'], 'application/pdf');
			assert.deepEqual(await got.body(), onePager);
			await theirs.close();
		});
		await step('one passes, one is to try again', async () => {
			await attempt(company, id, first, manager, 4, 'pass');
			await attempt(company, id, second, manager, 2, 'retry');
			await page.reload();
			await says(page.getByRole('row').filter({ hasText: first.name }), /Passed[\s\S]*100%/);
			await says(page.getByRole('row').filter({ hasText: second.name }), /Retry[\s\S]*40%/);
			await says(page.getByRole('region', { name: 'First and last attempt' }), /70%\s+50%/);
			await says(page.getByRole('table', { name: 'Most often missed' }), /50%/);
			await axe('numbers');
			await page.getByRole('button', { name: 'Retry: 1. Show them below' }).click();
			await hides(page.getByRole('row').filter({ hasText: first.name }));
			assert.equal(new URL(page.url()).searchParams.get('status'), 'retry');
		});
		await step('give one more time', async () => {
			await page.getByRole('button', { name: `Give ${second.name} more time or attempts` }).click();
			const form = page.getByRole('dialog');
			await shows(form.getByText('Midnight in Europe/Berlin, where they are.'));
			const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
			await form.getByLabel('Due at the end of').fill(day);
			await form.getByLabel('Attempts beyond those of the programme').fill('1');
			await axe('more time');
			await form.getByRole('button', { name: 'Save' }).click();
			await hides(form);
			const path = { id };
			const { items } = await data(trainer.api.GET('/api/v1/programmes/{id}/participants', { params: { path } }));
			const theirs = items.find((one) => one.person.id === second.id);
			assert.match(theirs?.due_at ?? '', new RegExp(`^${day}T2[12]:59:59Z$`));
			assert.equal(theirs?.extra_attempts, 1);
		});
		await step('the participants as a file', async () => {
			const [saved] = await Promise.all([
				page.waitForEvent('download'),
				page.getByRole('link', { name: 'Download the participants as CSV' }).click(),
			]);
			assert.match(await readFile(await saved.path(), 'utf8'), new RegExp(first.name));
		});

		await step('edit the rubric: a new version, and who is to be scored again', async () => {
			const { rubric } = await mine();
			await page.goto(`/rubrics/${rubric?.id}`);
			await page.getByRole('button', { name: /^Proof/ }).click();
			await page.getByLabel('What is looked at').fill('A proof that fits');
			await shows(page.getByRole('heading', { name: 'What version 2 changes' }));
			await shows(page.getByText('was called “Proof”'));
			await axe('changed');
			await page.getByRole('button', { name: 'Save as version 2' }).click();
			await shows(page.getByText('Version 2 is saved'));
			const uses = page.getByRole('region', { name: 'Programmes with this rubric' });
			await shows(uses.getByText('goes by version 1'));
			await uses.getByRole('button', { name: 'Use version 2 from now on' }).click();
			await shows(uses.getByText('goes by version 2, the newest'));
			await axe('saved');
			await uses.getByRole('link', { name: /^2 attempts scored under an older version/ }).click();
			const again = page.getByRole('region', { name: 'To score again' });
			await again.getByLabel(`${second.name}, attempt 1`).check();
			await axe('score again');
			await again.getByRole('button', { name: 'Have 1 attempt looked at again' }).click();
			await shows(page.getByText('1 attempt goes to review again.'));
			await until('a review of it', async () => {
				const query = { box: 'mine' } as const;
				const { items } = await data(manager.api.GET('/api/v1/reviews', { params: { query } }));
				return items.some((one) => one.role === 'again' && one.attempt.person.id === second.id);
			});
		});
		await step('change it after it was opened', async () => {
			await page.getByRole('link', { name: 'Set-up' }).click();
			await page.getByRole('button', { name: /^Certificate/ }).click();
			await page.getByLabel('It holds for days').fill('365');
			await shows(page.getByText('1 change is not saved yet'));
			await page.getByText('What this changes').click();
			await shows(page.getByText('Certificates from now on hold this long; those given keep their end.'));
			await axe('after opening');
			await page.getByRole('button', { name: 'Save changes' }).click();
			await shows(page.getByText('Saved. It applies from now on.'));
			assert.equal((await mine()).valid_days, 365);
		});
		await step('a manager sees their own people, and changes nothing', async () => {
			const theirs = await open();
			await enter(manager, '/programmes', theirs);
			await theirs.getByRole('link', { name }).click();
			await shows(theirs.getByRole('row').filter({ hasText: first.name }));
			assert.equal(await theirs.getByRole('link', { name: 'Set-up' }).count(), 0);
			assert.equal(await theirs.getByRole('region', { name: 'To score again' }).count(), 0);
			await shot('manager', theirs);
		});
		await step('close it, and take that back; copy it, and take that back', async () => {
			const more = page.getByRole('button', { name: `More for ${name}` });
			await more.click();
			await page.getByRole('button', { name: 'Close programme' }).click();
			await until('it is closed', async () => (await mine()).state === 'closed');
			await page.getByRole('button', { name: 'Undo' }).click();
			await until('it is open', async () => (await mine()).state === 'open');
			const before = (await programmes()).length;
			await more.click();
			await page.getByRole('button', { name: 'Copy', exact: true }).click();
			await shows(page.getByRole('heading', { name: 'Ready to open' }));
			await page.getByRole('button', { name: 'Undo' }).last().click();
			await until('the copy is gone', async () => (await programmes()).length === before);
			await axe('programmes');
		});
	},
);
