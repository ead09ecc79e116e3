import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { type Company, data, type Person } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

/** Both devices make their clip at once: each its own. */
const colour = { iphone: '0x8f5a2a', pixel: '0x2a5a8f', desktop: '0x2a8f5a' };

/** Sends a file as a practice for an enrolment or an assignment. */
async function practise(company: Company, by: Person, file: string, of: string): Promise<string> {
	const bytes = await readFile(file);
	const base64 = (text: string) => Buffer.from(text).toString('base64');
	const headers = { cookie: by.cookie, 'Tus-Resumable': '1.0.0' };
	const meta = { filename: 'practice.mp4', title: 'A practice', kind: 'practice', for: of };
	const made = await fetch(`${company.site.base}/api/v1/uploads`, {
		method: 'POST',
		headers: {
			...headers,
			'Upload-Length': String(bytes.length),
			'Upload-Metadata': Object.entries(meta)
				.map(([key, value]) => `${key} ${base64(value)}`)
				.join(','),
		},
	});
	assert.equal(made.status, 201);
	const place = new URL(made.headers.get('Location') ?? '', company.site.base);
	const sent = await fetch(place, {
		method: 'PATCH',
		headers: { ...headers, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
		body: bytes,
	});
	assert.equal(sent.status, 204);
	const receipt = (await (await fetch(`${place}/receipt`, { headers })).json()) as { video_id: string };
	await company.ready(by, receipt.video_id);
	return receipt.video_id;
}

/** Two attempts of the rep's at a programme, reviewed by their manager: first and last on the page. */
async function certify(company: Company, trainer: Person, manager: Person, rep: Person, team: string, file: string) {
	const level = (points: number, name: string) => ({ points, name, description: `It is ${name}.` });
	const criteria = [
		{
			name: 'Next step',
			description: '',
			weight: 1,
			levels: [level(0, 'missing'), level(2, 'named'), level(4, 'dated')],
		},
	];
	const rubric = await data(
		trainer.api.POST('/api/v1/rubrics', { body: { id: randomUUID(), name: 'Discovery', criteria } }),
	);
	const made = await data(
		trainer.api.POST('/api/v1/programmes', {
			body: {
				id: randomUUID(),
				name: 'Discovery call',
				brief: 'Begin a first call.',
				rubric_version_id: rubric.current.id,
				target_ms: 8_000,
				answer_types: ['camera'],
				rules: [{ team_id: team, role: 'rep' }],
				due: { kind: 'none' },
				attempts_max: 3,
				wait_hours: 0,
				pass: { kind: 'total', percent: 75, level: 1 },
				reviewers: { kind: 'manager' },
				valid_days: 365,
				renew_days: 60,
			},
		}),
	);
	await data(trainer.api.POST('/api/v1/programmes/{id}/open', { params: { path: { id: made.id } } }));
	const part = await until('the enrolment', async () =>
		(await data(rep.api.GET('/api/v1/enrolments'))).items.find((one) => one.programme.id === made.id),
	);
	const criterion = rubric.current.criteria[0]?.id ?? '';
	for (const [levels, decision] of [
		[2, 'retry'],
		[3, 'pass'],
	] as const) {
		const video_id = await practise(company, rep, file, part.id);
		await data(
			rep.api.POST('/api/v1/enrolments/{id}/attempts', {
				params: { path: { id: part.id } },
				body: { id: randomUUID(), video_id },
			}),
		);
		const item = await until('the review', async () =>
			(await data(manager.api.GET('/api/v1/reviews', { params: { query: { box: 'mine' } } }))).items.at(0),
		);
		await data(
			manager.api.POST('/api/v1/reviews/{id}/send', {
				params: { path: { id: item.id } },
				body: {
					levels: { [criterion]: levels },
					notes: [{ id: randomUUID(), at_ms: 5_000, kind: 'good', text: 'That pause', voice: false }],
					decision,
					retry_criteria: decision === 'retry' ? [criterion] : [],
					message: 'Thank you.',
				},
			}),
		);
	}
}

// Coaching outside programmes: a manager and a rep, from a practice to a promise, and a take into the library.
export default spec('coach', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, person, enter, open, step, axe } = stage;
	const [rep, manager, trainer] = [await person('rep'), await person('manager'), await person('trainer')];
	const team = await company.team(`Coach ${device} ${rep.id}`, { members: [rep], managers: [manager] });
	const file = await clip('I begin with what each month of waiting costs.', 8, colour[device]);
	const take = await company.upload(rep, file, 'What waiting costs');
	await company.ready(rep, take);
	await company.change(rep, take, { audience: 'line' });
	await certify(company, trainer, manager, rep, team, file);
	const theirs = await open();

	const act = async (on: Page, name: string) => {
		await on.getByRole('button', { name: 'More for “What waiting costs”' }).click();
		await on.getByRole('button', { name, exact: true }).click();
		const dialog = on.getByRole('dialog', { name });
		await shows(dialog);
		return dialog;
	};
	const choose = async (on: ReturnType<Page['getByRole']>, label: string, name: string) => {
		await on.getByRole('combobox', { name: label }).fill(name);
		await on.getByRole('option', { name }).first().click();
	};
	const heading = (on: Page, name: string | RegExp) => on.getByRole('heading', { name });

	await step('assign a practice from the watch page', async () => {
		await enter(manager, `/watch/${take}`);
		const dialog = await act(page, 'Assign a practice');
		await choose(dialog, 'To whom', rep.name);
		await axe('assign');
		await dialog.getByRole('button', { name: 'Assign', exact: true }).click();
		await hides(dialog);
		await shows(page.getByRole('status').getByText(`${rep.name} is asked to practise`));
	});
	await step('suggest the take for the library', async () => {
		const dialog = await act(page, 'Suggest for the library');
		await dialog.getByRole('textbox', { name: 'Why should others see it?' }).fill('The clearest number this month');
		await axe('suggest');
		await dialog.getByRole('button', { name: 'Suggest', exact: true }).click();
		await hides(dialog);
	});
	await step('both wait for the rep', async () => {
		await enter(rep, '/coaching', theirs);
		await shows(heading(theirs, `${manager.name} asks you to practise`));
		await shows(heading(theirs, `${manager.name} would like it in the library`));
		await atRest(theirs);
		await axe('waits', theirs);
	});
	await step('agree to fewer people than was suggested', async () => {
		await theirs.getByRole('link', { name: 'Decide: What waiting costs' }).click();
		await shows(theirs.getByText('Nothing is published unless you agree.'));
		await atRest(theirs);
		await axe('consent', theirs);
		await theirs.getByRole('combobox', { name: 'For whom' }).selectOption('My team');
		await theirs.getByRole('button', { name: 'Agree' }).click();
		await shows(theirs.getByText(/^In the library for the team until/));
		const video = await data(rep.api.GET('/api/v1/videos/{id}', { params: { path: { id: take } } }));
		assert.equal(video.audience, 'team');
	});
	await step('practise, and show one take of it', async () => {
		const { items } = await data(rep.api.GET('/api/v1/practice-assignments'));
		const assigned = items[0]?.id ?? '';
		const practice = await practise(company, rep, file, assigned);
		await theirs.goto('/coaching');
		await theirs.getByRole('link', { name: /^Practise: / }).click();
		await shows(theirs.getByRole('heading', { name: 'Take 1' }));
		assert.match(
			(await theirs.getByRole('link', { name: 'Practise again' }).getAttribute('href')) ?? '',
			/kind=practice/,
		);
		await atRest(theirs);
		await axe('practice', theirs);
		await theirs.getByRole('button', { name: 'I have practised' }).click();
		await shows(theirs.getByText(/20 s .*Done/));
		const seen = await manager.api.GET('/api/v1/videos/{id}', { params: { path: { id: practice } } });
		assert.equal(seen.response.status, 404); // that it was done, and nothing more
		await theirs.getByRole('button', { name: /^Show this one to .*: Take 1$/ }).click();
		await theirs.getByRole('button', { name: 'Show it' }).click();
		await until('the manager may see it', async () => {
			const { response } = await manager.api.GET('/api/v1/videos/{id}', { params: { path: { id: practice } } });
			return response.ok;
		});
	});
	await step('ask for feedback', async () => {
		await theirs.goto(`/watch/${take}`);
		const dialog = await act(theirs, 'Ask for feedback');
		await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
		await shows(dialog.getByText('Choose a colleague first.'));
		await choose(dialog, 'Colleague', manager.name);
		await dialog.getByRole('textbox', { name: /What would you like to know/ }).fill('Is the close too soft?');
		await axe('feedback', theirs);
		await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
		await hides(dialog);
	});
	await step('the manager finds it, their people, and how often they talk', async () => {
		await page.goto('/coaching');
		await shows(heading(page, `${rep.name} asks for your feedback`));
		await shows(page.getByRole('link', { name: new RegExp(`^${rep.name}.*this month`) }));
		await shows(heading(page, new RegExp(`^${manager.name} 1 report`)));
		await page.getByText('Figures').click();
		await atRest(page);
		await axe('coaching');
	});
	await step('give it in words', async () => {
		await page.getByRole('button', { name: 'Done: What waiting costs' }).click();
		const dialog = page.getByRole('dialog', { name: `Feedback for ${rep.name}` });
		stage.allow(422, /\/feedback-asks\/.*\/done$/);
		await dialog.getByRole('button', { name: 'Send' }).click();
		await shows(dialog.getByText(/Write a note at a second/));
		await dialog.getByRole('textbox').fill('Ask for the date, and wait.');
		await dialog.getByRole('button', { name: 'Send' }).click();
		await hides(dialog);
		await hides(heading(page, `${rep.name} asks for your feedback`));
	});
	await step('the page before a talk: first against last, and a moment from its second', async () => {
		await page.getByRole('link', { name: new RegExp(`^${rep.name}.*this month`) }).click();
		await shows(page.getByRole('heading', { level: 1, name: rep.name }));
		await shows(page.getByRole('link', { name: '50%' }));
		await shows(page.getByRole('link', { name: '100%' }));
		await shows(page.getByText('+50 points'));
		await page
			.getByRole('button', { name: /^Play .* from 0:02$/ })
			.first()
			.click();
		await until('the moment plays from its second', () =>
			page.evaluate(() => [...document.querySelectorAll('video')].some((v) => !v.paused && v.currentTime >= 2)),
		);
	});
	const promise = (text: string) => page.getByRole('checkbox', { name: `Done: ${text}` });
	const menu = async (text: string, what: string) => {
		await page.getByRole('button', { name: `More for “${text}”` }).click();
		await page.getByRole('button', { name: what, exact: true }).click();
	};
	await step('promises: add, tick, undo, edit, remove, undo', async () => {
		await page.getByRole('button', { name: 'Add a promise' }).click();
		await page.getByRole('textbox', { name: 'What' }).fill('Two calls on tape');
		await page.getByRole('button', { name: 'Save' }).click();
		await shows(promise('Two calls on tape'));
		await page.evaluate(() => document.querySelector('video')?.pause());
		await atRest(page);
		await axe('page');
		await promise('Two calls on tape').click();
		await shows(page.getByText(new RegExp(`${rep.name}, done`)));
		await page.getByRole('button', { name: 'Undo' }).last().click();
		await shows(page.getByText(new RegExp(`${rep.name}, by`)));
		await menu('Two calls on tape', 'Edit');
		await page.getByRole('textbox', { name: 'What' }).fill('Three calls on tape');
		await page.getByRole('button', { name: 'Save' }).click();
		await shows(promise('Three calls on tape'));
		await menu('Three calls on tape', 'Remove');
		await hides(promise('Three calls on tape'));
		await page.getByRole('button', { name: 'Undo' }).last().click();
		await shows(promise('Three calls on tape'));
	});
	await step('the rep sees their own page', async () => {
		await theirs.goto('/coaching/me');
		await shows(theirs.getByRole('heading', { level: 1, name: 'Your page' }));
		await shows(theirs.getByText('Three calls on tape'));
		await shows(theirs.getByText(new RegExp(`${manager.name} sees it, too`)));
		await atRest(theirs);
		await axe('own', theirs);
	});
	await step('what was sent, and what became of it', async () => {
		await page.goto('/coaching/sent');
		await says(page.getByRole('region', { name: 'Takes for the library' }), 'in the library');
		await shows(page.getByRole('link', { name: 'Watch what they show you' }));
		await atRest(page);
		await axe('sent');
	});
	await step('others find no page', async () => {
		stage.allow(404, /\/coaching\/people\//);
		await theirs.goto(`/coaching/${manager.id}`);
		await shows(theirs.getByRole('heading', { name: 'There is no such page' }));
	});
});
