import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { data, type Person, type Schemas, type Shown } from './kit/company.ts';
import { type Stage, spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

/** A rubric of two criteria, a programme of it that makes the manager a reviewer, and its trainer. */
async function launch(stage: Stage): Promise<{ trainer: Person; manager: Person; rubric: Schemas['RubricDTO'] }> {
	const [trainer, manager, rep] = [
		await stage.person('trainer'),
		await stage.person('manager'),
		await stage.person('rep'),
	];
	const team = await stage.company.team(`Gold ${manager.id}`, { members: [rep], managers: [manager] });
	const level = (points: number, name: string, description: string) => ({ points, name, description });
	const criterion = (name: string) => ({
		name,
		description: `How ${name.toLowerCase()} is done.`,
		weight: 1,
		levels: [
			level(0, 'Not there', 'Nothing of it can be heard.'),
			level(1, 'Begun', 'It is tried once.'),
			level(2, 'Solid', 'They answer to it.'),
		],
	});
	const rubric = await data(
		trainer.api.POST('/api/v1/rubrics', {
			body: {
				id: randomUUID(),
				name: `Price talk ${manager.id}`,
				criteria: [criterion('Opening'), criterion('Next step')],
			},
		}),
	);
	const made = await data(
		trainer.api.POST('/api/v1/programmes', {
			body: {
				id: randomUUID(),
				name: 'The price talk',
				brief: 'They say it is too expensive.',
				rubric_version_id: rubric.current.id,
				target_ms: 60_000,
				answer_types: ['camera'],
				rules: [{ team_id: team, role: 'rep' }],
				due: { kind: 'none' },
				pass: { kind: 'total', percent: 50, level: 1 },
				reviewers: { kind: 'manager' },
			},
		}),
	);
	await data(trainer.api.POST('/api/v1/programmes/{id}/open', { params: { path: { id: made.id } } }));
	await until('the enrolment', async () => (await data(rep.api.GET('/api/v1/enrolments'))).items.length > 0);
	return { trainer, manager, rubric };
}

const month = (manager: Person) => data(manager.api.GET('/api/v1/calibration'));

async function makeGold(stage: Stage, page: Page, title: string, video: Shown, rubric: string, members: Person[]) {
	await page.getByRole('button', { name: 'Make a take gold' }).click();
	const dialog = page.getByRole('dialog', { name: 'Make a take gold' });
	await dialog.getByLabel('Title').fill(title);
	await dialog.getByRole('combobox', { name: 'Video' }).fill(video.title.slice(0, 12));
	await dialog.getByRole('option', { name: video.title }).click();
	await says(dialog, new RegExp(`Chosen: ${video.title}`));
	await dialog.getByLabel('Rubric').selectOption({ label: rubric });
	const add = dialog.getByRole('combobox', { name: 'Add somebody to the panel' });
	for (const [i, member] of members.entries()) {
		await add.fill(member.name);
		await dialog.getByRole('option', { name: member.name }).first().click();
		const group = dialog.getByRole('group').nth(i);
		for (const name of ['Opening', 'Next step']) await group.getByLabel(new RegExp(`^${name}, `)).selectOption('3');
	}
	await atRest(page);
	await stage.axe('make gold', page);
	await dialog.getByRole('button', { name: 'Save' }).click();
	await shows(page.getByRole('heading', { name: title }));
}

/** A trainer makes takes gold; a manager scores one blind and sees where they differ. */
export default spec('calibration', { devices: ['desktop', 'iphone'] }, async (stage) => {
	const { page, step, company } = stage;
	const { trainer, manager, rubric } = await launch(stage);
	const [first, second] = [await stage.person('rep'), await stage.person('rep')];
	const title = `How they open ${manager.id.slice(-6)}`;
	const theirs = await stage.open(stage.device);

	await step('a take is made gold', async () => {
		await stage.enter(trainer, '/calibration/gold', theirs);
		await makeGold(stage, theirs, title, company.videos[0] as Shown, rubric.name, [first]);
		await shows(theirs.getByText('Scored by nobody yet').first());
		for (const video of company.videos.slice(1, 3)) {
			await data(
				trainer.api.POST('/api/v1/calibration/gold', {
					body: {
						id: randomUUID(),
						title: `${video.title}, ${manager.id.slice(-6)}`,
						video_id: video.id,
						rubric_version_id: rubric.current.id,
						panel: [first, second].map(({ id }) => ({
							person_id: id,
							levels: Object.fromEntries(rubric.current.criteria.map((one) => [one.id, 3])),
						})),
					},
				}),
			);
		}
		await atRest(theirs);
		await stage.axe('gold', theirs);
	});
	await step('three takes, and nothing of the panel', async () => {
		await stage.enter(manager, '/calibration');
		await shows(page.getByRole('navigation', { name: 'This month’s takes' }));
		await shows(page.getByRole('region', { name: /^Player/ }));
		const { takes } = await month(manager);
		assert.equal(takes.length, 3);
		assert(takes.every(({ panel, mine, gaps }) => !panel && !mine && !gaps));
		assert.equal(await page.getByRole('columnheader', { name: 'Panel' }).count(), 0);
		assert(await page.getByRole('button', { name: 'Give these scores' }).isDisabled());
		await atRest(page);
		await stage.axe('blind');
	});
	await step('scored, by keys or by thumb', async () => {
		const current = () => page.locator('[aria-current=step] fieldset');
		if (stage.device === 'desktop') {
			await page.keyboard.press('1');
			await until('the next criterion', async () => (await current().getAttribute('aria-label')) === 'Next step');
			await page.keyboard.press('3');
		} else {
			await current()
				.getByRole('button', { name: /Not there/ })
				.click();
			await current().getByRole('button', { name: /Solid/ }).click();
		}
		await says(page.getByRole('main'), /Scores given blind are final/);
		await page.getByRole('button', { name: 'Give these scores' }).click();
		await shows(page.getByRole('columnheader', { name: 'Panel' }));
		await says(page.getByRole('main'), /Opening: 2 levels stricter/);
		await hides(page.getByRole('button', { name: 'Skip this month' }));
		await atRest(page);
		await stage.axe('beside the panel');
	});
	await step('final: other levels are refused', async () => {
		const take = (await month(manager)).takes.find(({ scored }) => scored);
		assert(take?.panel && take.gaps?.[0]?.by === -2);
		const levels = Object.fromEntries(take.rubric.criteria.map((one) => [one.id, 2]));
		const path = { gold_id: take.gold_id };
		const again = await manager.api.PUT('/api/v1/calibration/{gold_id}', { params: { path }, body: { levels } });
		assert.equal(again.response.status, 409);
	});
	await step('the next take', async () => {
		await page.getByRole('button', { name: 'Next take' }).click();
		await shows(page.getByRole('button', { name: 'Give these scores' }));
		await says(page.getByRole('main'), /Too few: 1 of 10 takes/);
	});
	await step('the trainer sees reviewers, and too few', async () => {
		await theirs.getByRole('link', { name: 'Reviewers' }).click();
		const row = theirs.getByRole('row', { name: new RegExp(manager.name) }).first();
		await shows(row);
		await says(theirs.getByRole('main'), /too few \(1 of 10\)/);
		await atRest(theirs);
		await stage.axe('reviewers', theirs);
	});
	await step('the settings say that nothing is sent from here, and who stands in', async () => {
		await stage.enter(manager, '/settings');
		const reminders = page.getByRole('region', { name: 'Reminders' });
		await says(reminders, /Nothing is sent from here/);
		await reminders.getByRole('checkbox', { name: /Tell me of reviews/ }).uncheck();
		await reminders.getByRole('button', { name: 'Save' }).click();
		await until('the choice', async () => !(await data(manager.api.GET('/api/v1/me/reminders'))).nudges);
		const away = page.getByRole('region', { name: 'Away' });
		await away.getByRole('combobox', { name: 'Who stands in' }).fill(trainer.name);
		await away.getByRole('option', { name: trainer.name }).first().click();
		await away.getByLabel('First day away').fill('2099-07-01');
		await away.getByLabel('Last day away').fill('2099-07-14');
		await away.getByRole('button', { name: 'Set' }).click();
		await says(away, /stands in for you from/);
		await atRest(page);
		await stage.axe('away');
		await away.getByRole('button', { name: 'I am back' }).click();
		await hides(away.getByRole('button', { name: 'I am back' }));
	});
});
