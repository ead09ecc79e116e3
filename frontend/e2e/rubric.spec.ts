import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data, type Person } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { launch, review, rubric, submit } from './kit/taking.ts';
import { hides, says, shows, until } from './kit/wait.ts';

const take = () => clip('We start with one team. In two weeks you see the first result.', 5, '0x8f6a2a');
const shownAs = (trainer: Person, id: string) =>
	data(trainer.api.GET('/api/v1/rubrics/{id}', { params: { path: { id } } }));

/** The middle of something, in the window. */
async function middle(of: Locator): Promise<{ x: number; y: number }> {
	const box = await of.boundingBox();
	assert(box);
	return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Drags by a mouse, or by a finger where there is one. */
async function drag(page: Page, from: Locator, to: { x: number; y: number }, finger: boolean): Promise<void> {
	const start = await middle(from);
	const steps = [0.25, 0.5, 0.75, 1].map((part) => ({
		x: start.x + (to.x - start.x) * part,
		y: start.y + (to.y - start.y) * part,
	}));
	if (!finger) {
		await page.mouse.move(start.x, start.y);
		await page.mouse.down();
		for (const { x, y } of steps) await page.mouse.move(x, y);
		return page.mouse.up();
	}
	const touch = await page.context().newCDPSession(page);
	await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [start] });
	for (const at of steps) await touch.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [at] });
	await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
	await touch.detach();
}

/** A rubric that somebody writes from nothing, changes after it was used, and maps on what it was. */
const byHand = spec('a rubric by hand', { devices: ['desktop', 'iphone'] }, async (stage) => {
	const { page, company, device, step, axe } = stage;
	const finger = device === 'iphone';
	const [rep, manager, trainer] = await Promise.all([
		stage.person('rep'),
		stage.person('manager'),
		stage.person('trainer'),
	]);
	const name = `Discovery ${device}`;
	const card = (criterion: string) => page.getByRole('listitem').filter({ has: handle(criterion) });
	const handle = (criterion: string) => page.getByRole('button', { name: new RegExp(`^Move ${criterion}, `) });
	const order = async () =>
		(await page.getByRole('button', { name: /^Move / }).all()).reduce(
			async (names, one) => [
				...(await names),
				(await one.getAttribute('aria-label'))?.replace(/^Move (.*), \d of .*$/, '$1') ?? '',
			],
			Promise.resolve<string[]>([]),
		);
	const fold = (criterion: string) => card(criterion).getByRole('button', { name: new RegExp(`^${criterion} counts`) });
	/** Writes the criterion that is open: its name, its weight, and what one sees at each of its levels. */
	async function write(at: Locator, criterion: string, weight: string, levels: string[]): Promise<void> {
		await at.getByLabel('What is looked at').fill(criterion);
		await at.getByLabel('Weight').fill(weight);
		const seen = at.getByLabel('What one sees or hears');
		while ((await seen.count()) > levels.length)
			await at.getByRole('button', { name: `Take level ${await seen.count()} out` }).click();
		for (const [i, text] of levels.entries()) await seen.nth(i).fill(text);
	}
	const last = () =>
		page
			.getByRole('listitem')
			.filter({ has: page.getByRole('button', { name: /^Move / }) })
			.last();

	await step('begin with an empty page', async () => {
		await stage.enter(trainer, '/rubrics');
		await page.getByRole('link', { name: 'New rubric' }).first().click();
		await page.getByRole('button', { name: 'Start with an empty one' }).click();
		assert.equal(await page.getByRole('button', { name: /^Move / }).count(), 1);
		await axe('empty');
		await page.getByRole('button', { name: 'Save rubric' }).click();
		await shows(page.getByText('Give the rubric a name.'));
		await shows(page.getByText('Say what is looked at.'));
		await shows(page.getByText('Describe what one sees or hears at this level.').first());
		assert.equal(
			await page.getByLabel('Name of the rubric').evaluate((field) => field === document.activeElement),
			true,
			'the first that is missing',
		);
		await axe('missing');
	});
	await step('write three criteria', async () => {
		await page.getByLabel('Name of the rubric').fill(name);
		await write(last(), 'Question', '2', ['Asks nothing.', 'Asks yes or no.', 'Asks what follows from it.']);
		await axe('written');
		await fold('Question').click();
		await page.getByRole('button', { name: 'Add a criterion' }).click();
		await write(last(), 'Listening', '1', ['Talks on.', 'Waits until they have ended.']);
		await fold('Listening').click();
		await page.getByRole('button', { name: 'Add a criterion' }).click();
		await write(last(), 'Next step', '1', ['None.', 'One without a day.', 'One with a day.']);
		await last().getByRole('button', { name: 'Add a level' }).click();
		await last().getByLabel('Name', { exact: true }).last().fill('With who takes part');
		await last().getByLabel('What one sees or hears').last().fill('One with a day and who is there.');
		await fold('Next step').click();
		await shows(fold('Question').getByText('counts 50% of the score'));
		await shows(page.getByText(/3 criteria, 9 levels/));
	});
	await step('put them in order by dragging, and by keys', async () => {
		assert.deepEqual(await order(), ['Question', 'Listening', 'Next step']);
		await handle('Next step').scrollIntoViewIfNeeded();
		const top = await middle(card('Question'));
		await drag(page, handle('Next step'), { ...top, y: top.y - 20 }, finger);
		await until('the last one is first', async () => (await order())[0] === 'Next step');
		assert.deepEqual(await order(), ['Next step', 'Question', 'Listening']);
		await handle('Next step').press('ArrowDown');
		await shows(handle('Next step').and(page.locator(':focus')));
		assert.deepEqual(await order(), ['Question', 'Next step', 'Listening']);
		await page.keyboard.press('End');
		await shows(page.getByRole('status').filter({ hasText: 'Next step is now 3 of 3' }));
		assert.deepEqual(await order(), ['Question', 'Listening', 'Next step']);
		await axe('in-order');
		await page.getByRole('button', { name: 'Save rubric' }).click();
		await shows(page.getByRole('heading', { level: 1, name }));
		await shows(page.getByRole('heading', { name: 'Versions' }));
	});
	const id = new URL(page.url()).pathname.split('/').pop() ?? '';
	const { current } = await shownAs(trainer, id);
	assert.deepEqual(
		current.criteria.map((one) => [one.name, one.weight, one.levels.length]),
		[
			['Question', 2, 3],
			['Listening', 1, 2],
			['Next step', 1, 4],
		],
	);
	const team = await company.team(`Scored ${device}`, { members: [rep], managers: [manager] });
	const programme = await launch(trainer, {
		name: `First call, ${device}`,
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
	});
	const attempt = await submit(company, rep, programme.id, await take());
	await review(manager, attempt.id, { levels: [3, 2, 4], decision: 'pass' });

	await step('after it was used: another criterion, another weight, and what stands for what', async () => {
		await page.reload();
		await page.getByRole('button', { name: 'More for Listening' }).click();
		await page.getByRole('button', { name: 'Take out', exact: true }).click();
		await page.getByRole('button', { name: 'Add a criterion' }).click();
		await write(last(), 'Silence', '1', ['Fills every pause.', 'Leaves three seconds after a question.']);
		await fold('Question').click();
		await card('Question').getByLabel('Weight').fill('3');
		const changes = page.getByRole('region', { name: 'What version 2 changes' });
		await says(changes, /Question\s+weight 3 instead of 2[\s\S]*New\s+Silence[\s\S]*Taken out\s+Listening/);
		await says(changes, /The programme that uses this rubric goes on/);
		await changes.getByLabel('Silence continues').selectOption({ label: 'Listening' });
		await says(changes, /was called “Listening”/);
		await atRest(page);
		await changes.scrollIntoViewIfNeeded();
		await axe('changes');
		await page.getByRole('button', { name: 'Save as version 2' }).click();
		await shows(page.getByText('Version 2 is saved'));
		const now = await shownAs(trainer, id);
		assert.equal(now.current.number, 2);
		const [, , silence] = now.current.criteria;
		assert.equal(silence?.continues, current.criteria[1]?.id);
	});
	await step('the score keeps its version; to score again is offered', async () => {
		const uses = page.getByRole('region', { name: 'Programmes with this rubric' });
		await shows(uses.getByText('goes by version 1'));
		await uses.getByRole('button', { name: 'Use version 2 from now on' }).click();
		await shows(uses.getByText('goes by version 2, the newest'));
		await says(uses, /1 attempt scored under an older version/);
		await atRest(page);
		await uses.scrollIntoViewIfNeeded();
		await axe('used');
		const { rubric: of } = await data(
			trainer.api.GET('/api/v1/attempts/{id}', { params: { path: { id: attempt.id } } }),
		).then(({ result }) => ({ rubric: result?.rubric }));
		assert.equal(of?.number, 1, 'the result stands under its version');
	});
	await step('map the versions otherwise, and the trend follows', async () => {
		const trend = page.getByRole('table').filter({ hasText: 'Question' });
		await shows(trend.getByRole('rowheader', { name: 'Silence' }));
		await page.getByRole('button', { name: `More for ${name}` }).click();
		await page.getByRole('button', { name: 'Map the versions' }).click();
		const dialog = page.getByRole('dialog');
		const field = dialog.getByLabel('Silence continues');
		assert.equal(await field.locator('option:checked').textContent(), 'Listening (version 1)');
		await axe('mapping');
		await field.selectOption({ label: 'nothing: it is new' });
		await dialog.getByRole('button', { name: 'Save', exact: true }).click();
		await hides(dialog);
		await shows(trend.getByRole('rowheader', { name: 'Listening' }));
		await trend.scrollIntoViewIfNeeded();
		await axe('trend');
	});
	await step('an older version can be read', async () => {
		await page.getByRole('link', { name: 'Version 1' }).click();
		await shows(page.getByText('This is version 1 as it was. The newest is 2.'));
		await shows(page.getByText('Waits until they have ended.'));
		await atRest(page);
		await axe('as-it-was');
		await page.getByRole('button', { name: 'Back to the newest' }).click();
		await shows(fold('Silence'));
	});
});

/** Two trainers at once: whoever comes second is shown what the first has saved, and asked. */
const together = spec('two trainers at once', { devices: ['desktop', 'iphone'] }, async (stage) => {
	const { page, company, device, step, axe, allow } = stage;
	const [rep, ours, theirs] = await Promise.all([
		stage.person('rep'),
		stage.person('trainer'),
		stage.person('trainer'),
	]);
	const team = await company.team(`Both ${device}`, { members: [rep] });
	const made = await rubric(ours, `Shared ${device}`);
	const programme = await launch(ours, {
		name: `Shared by two, ${device}`,
		rubric_version_id: made.current.id,
		rules: [{ team_id: team, role: 'rep' }],
	});
	const second = await stage.open();
	allow(409, /^\/api\/v1\/(programmes|rubrics)\//);
	const save = (at: Page) => at.getByRole('button', { name: 'Save changes' }).click();
	const brief = (at: Page) => at.getByLabel('Brief');
	const stands = () => data(ours.api.GET('/api/v1/programmes/{id}', { params: { path: { id: programme.id } } }));
	/** Both change the brief, and each something else; theirs is saved first. */
	async function both(mine: string, other: string, wait: string): Promise<void> {
		await brief(second).fill(other);
		await second.getByRole('button', { name: /^Attempts/ }).click();
		await second.getByLabel('Hours between a result and the next attempt').fill(wait);
		await save(second);
		await shows(second.getByText('Saved. It applies from now on.'));
		await brief(page).fill(mine);
		await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`${mine}, ${device}`);
		await save(page);
		await shows(page.getByText('You both changed the brief.'));
	}

	await step('a programme: what only one changed is merged, what both changed is asked', async () => {
		await stage.enter(ours, `/programmes/${programme.id}/edit`);
		await stage.enter(theirs, `/programmes/${programme.id}/edit`, second);
		await shows(page.getByRole('button', { name: /^Attempts/ }));
		await shows(second.getByRole('button', { name: /^Attempts/ }));
		await both('Ours', 'Theirs: name a date.', '5');
		await says(page.getByRole('alert'), /Taken in: the waiting time\./);
		await atRest(page);
		await axe('asked');
		await page.getByRole('button', { name: 'Take theirs' }).click();
		assert.equal(await brief(page).inputValue(), 'Theirs: name a date.');
		await save(page);
		await until('the merge of both', async () => (await stands()).name === `Ours, ${device}`);
		const { brief: asked, wait_hours } = await stands();
		assert.deepEqual([asked, wait_hours], ['Theirs: name a date.', 5]);
	});
	await step('and the other way', async () => {
		await second.reload();
		await shows(second.getByRole('button', { name: /^Attempts/ }));
		await both('Mine after all', 'Theirs again.', '7');
		await page.getByRole('button', { name: 'Keep mine' }).click();
		assert.equal(await brief(page).inputValue(), 'Mine after all');
		await save(page);
		await until('mine', async () => (await stands()).brief === 'Mine after all');
		assert.equal((await stands()).wait_hours, 7);
	});

	const weight = (at: Page) => at.getByLabel('Weight');
	/** Opens the rubric in both windows; theirs is saved as the next version, and then mine is tried. */
	async function overtake(mine: string, other: string, version: number): Promise<void> {
		await stage.enter(ours, `/rubrics/${made.id}`);
		await stage.enter(theirs, `/rubrics/${made.id}`, second);
		for (const at of [page, second]) await at.getByRole('button', { name: /^Starts small counts/ }).click();
		await weight(second).fill(other);
		await second.getByRole('button', { name: `Save as version ${version}` }).click();
		await shows(second.getByText(`Version ${version} is saved`));
		await weight(page).fill(mine);
		await page.getByRole('button', { name: `Save as version ${version}` }).click();
		await shows(page.getByText('Somebody else has saved a version meanwhile.'));
	}
	await step('a rubric: theirs is shown; mine goes on top of it', async () => {
		await overtake('7', '5', 2);
		const asked = page.getByRole('alert').filter({ hasText: 'meanwhile' });
		await says(asked, new RegExp(`Version 2 by ${theirs.name}:[\\s\\S]*Starts small\\s+weight 5 instead of 2`));
		await asked.scrollIntoViewIfNeeded();
		await axe('overtaken');
		await asked.getByRole('button', { name: 'Keep mine' }).click();
		const changes = page.getByRole('region', { name: 'What version 3 changes' });
		await says(changes, /weight 7 instead of 5/);
		assert.equal(await changes.getByText('New', { exact: true }).count(), 0, 'the criteria are the same ones');
		await page.getByRole('button', { name: 'Save as version 3' }).click();
		await until('version 3', async () => (await shownAs(ours, made.id)).current.number === 3);
		assert.deepEqual(
			(await shownAs(ours, made.id)).current.criteria.map((one) => one.weight),
			[7, 1],
		);
	});
	await step('or theirs is taken', async () => {
		await overtake('9', '8', 4);
		await page.getByRole('button', { name: 'Take theirs' }).click();
		await until(
			'their weight',
			async () => (await weight(page).count()) === 0 || (await weight(page).inputValue()) === '8',
		);
		await shows(page.getByText(/Nothing is changed/));
		await shows(page.getByText('Version 4', { exact: true }).first());
		await axe('taken');
	});
});

export default [byHand, together];
