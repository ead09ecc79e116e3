import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import type { Device } from './kit/browser.ts';
import { clip } from './kit/clips.ts';
import type { Person } from './kit/company.ts';
import { attemptAs, handIn, programme, reviewHere, rubric, waiting } from './kit/reviewing.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';
import { plays } from './watch.spec.ts';

const words = 'They said it is too expensive. I asked what each month of waiting costs them, and we agreed on a date.';
const take = () => clip(words, 8, '0x8a2d5d');

/** The menu: at the side of a wide window, behind More on a phone. */
async function menu(page: Page, device: Device) {
	if (device !== 'desktop') await page.goto('/more');
	return page.getByRole('navigation', { name: device === 'desktop' ? 'Main' : 'More' });
}
const row = (page: Page, of: Person) =>
	page.getByRole('list', { name: 'Reviews' }).getByRole('listitem').filter({ hasText: of.name });

/** Two of a pool: who takes a take on has it; it can be given back, and be given to somebody. */
const claims = spec('a pool of reviewers', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, step, device } = stage;
	const [rep, one, other] = [await stage.person('rep'), await stage.person('rep'), await stage.person('rep')];
	const [manager, trainer] = [await stage.person('manager'), await stage.person('trainer')];
	const team = await stage.company.team(`Pool ${rep.id}`, { members: [rep], managers: [manager] });
	const { current } = await rubric(trainer, 'Price talk', ['Opening', 'Next step']);
	await programme(trainer, {
		name: 'Reviewed by a pool',
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
		reviewers: { kind: 'pool', person_ids: [one.id, other.id] },
	});
	const theirs = await stage.open();

	await step('a rep who reviews nothing has no entry for it', async () => {
		await stage.enter(one, '/', page);
		const entries = await menu(page, device);
		await shows(entries.getByRole('link', { name: 'Certify' }));
		await hides(entries.getByRole('link', { name: 'Review' }));
	});
	const attempt = await handIn(stage, rep, await take());
	await step('once a take waits, both find it', async () => {
		await page.goto('/');
		await stage.enter(other, '/reviews?tab=pool', theirs);
		await atRest(page);
		const entries = await menu(page, device);
		await entries.getByRole('link', { name: 'Review' }).click();
		await shows(page.getByRole('heading', { name: 'Nothing waits for you' }));
		await page.getByRole('link', { name: 'To take on' }).click();
		for (const at of [page, theirs]) await says(row(at, rep), /Reviewed by a pool, attempt 1/);
		await atRest(page);
		await stage.axe('pool');
	});
	await step('unclaimed, its take is not shown', async () => {
		await row(theirs, rep).getByRole('link').click();
		await shows(theirs.getByRole('heading', { name: rep.name }));
		await says(theirs.getByRole('main'), /Nobody reviews this take yet/);
		assert.equal(await theirs.locator('video').count(), 0);
		await stage.axe('unclaimed', theirs);
		await theirs.goBack();
		await shows(row(theirs, rep));
	});
	await step('one takes it on, and the other sees it gone', async () => {
		await row(page, rep)
			.getByRole('button', { name: /^Take it on/ })
			.click();
		await plays(page, 0.2);
		await stage.axe('claimed');
		stage.allow(409, /\/claim$/);
		await row(theirs, rep)
			.getByRole('button', { name: /^Take it on/ })
			.click();
		await shows(theirs.getByText('Somebody else was quicker and has taken this.'));
		await shows(theirs.getByRole('heading', { name: 'Nothing to take on' }));
		await stage.axe('gone', theirs);
	});
	await step('an old link leads nowhere', async () => {
		stage.allow(404, /^\/api\/v1\/reviews\//);
		await theirs.goto(new URL(page.url()).pathname);
		await shows(theirs.getByRole('heading', { name: 'There is no such review' }));
		await stage.axe('not-theirs', theirs);
	});
	await step('given back, it waits for both again', async () => {
		await page.getByRole('button', { name: 'More', exact: true }).click();
		await stage.shot('more');
		await page.getByRole('button', { name: 'Give it back' }).click();
		await shows(page.getByRole('heading', { name: 'Nothing waits for you' }));
		await theirs.goto('/reviews?tab=pool');
		await row(theirs, rep).getByRole('link').click();
		await theirs.getByRole('button', { name: 'Take it on' }).click();
		await plays(theirs, 0.2);
	});
	await step('what can be undone stands above what is pressed next', async () => {
		const notes = theirs.getByRole('list', { name: 'Notes' }).getByRole('listitem');
		if (device === 'desktop') await theirs.keyboard.press('g');
		else await theirs.getByRole('button', { name: 'Good', exact: true }).click();
		await theirs.getByRole('button', { name: /^Delete the note at/ }).click();
		await hides(notes);
		const undo = theirs.getByRole('button', { name: 'Undo' });
		const next = theirs.getByRole('button', { name: device === 'desktop' ? 'Send' : 'Hold to talk' });
		await stage.axe('undo', theirs);
		const [over, under] = [await undo.boundingBox(), await next.boundingBox()];
		assert(over && under && over.y + over.height < under.y, 'it covers the next button');
		await undo.click();
		await shows(notes);
	});
	await step('the manager sees with whom it is, and gives it to somebody else', async () => {
		const manages = await stage.open();
		await stage.enter(manager, '/reviews?tab=team', manages);
		await says(row(manages, rep), `with ${other.name}`);
		await atRest(manages);
		await stage.axe('line', manages);
		await row(manages, rep)
			.getByRole('button', { name: `More for ${rep.name}` })
			.click();
		await manages.getByRole('button', { name: 'Give it to somebody' }).click();
		const dialog = manages.getByRole('dialog', { name: `Who reviews ${rep.name}?` });
		await dialog.getByRole('combobox', { name: 'Person' }).fill(rep.name);
		await shows(dialog.getByRole('option', { name: 'Nothing fits' })); // nobody reviews themself
		await dialog.getByRole('combobox', { name: 'Person' }).fill(one.name);
		await dialog.getByRole('option', { name: one.name }).click();
		await shows(dialog.getByText(`Goes to ${one.name}`));
		await stage.axe('give', manages);
		await dialog.getByRole('button', { name: 'Give it' }).click();
		await hides(dialog);
		await says(row(manages, rep), `with ${one.name}`);
	});
	await step('they hear of it, and review it', async () => {
		await row(page, rep).getByRole('link').click();
		await plays(page, 0.2);
		assert.equal((await waiting(other)).length, 0);
		await reviewHere(page, device, [3, 4], 'Pass');
		await shows(page.getByRole('heading', { name: 'Nothing waits for you' }));
		await page.getByRole('link', { name: 'Done' }).click();
		await says(row(page, rep), 'Passed, 83.3 %');
		await atRest(page);
		await stage.axe('done');
		assert.equal((await attemptAs(rep, attempt.id)).decision, 'pass');
	});
});

/** A manager goes away: whoever stands in for them finds their reviews, and says for whom. */
const deputy = spec('a deputy during an absence', { devices: ['iphone'] }, async (stage) => {
	const { page, step, device } = stage;
	const [rep, late] = [await stage.person('rep'), await stage.person('rep')];
	const [manager, peer, trainer] = [
		await stage.person('manager'),
		await stage.person('manager'),
		await stage.person('trainer'),
	];
	const team = await stage.company.team(`Away ${rep.id}`, { members: [rep, late], managers: [manager] });
	const { current } = await rubric(trainer, 'Price talk', ['Opening', 'Next step']);
	await programme(trainer, {
		name: 'While the manager is away',
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
		reviewers: { kind: 'manager' },
	});
	await handIn(stage, rep, await take());
	const theirs = await stage.open();

	await step('away from today', async () => {
		await stage.enter(manager, '/settings');
		const form = page.getByRole('combobox', { name: 'Who stands in' });
		await form.fill(peer.name);
		await page.getByRole('option', { name: peer.name }).click();
		const day = new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Berlin' });
		const now = Date.now();
		await page.getByLabel('First day away').fill(day.format(now));
		await page.getByLabel('Last day away').fill(day.format(now + 7 * 86_400_000));
		await page.getByRole('button', { name: 'Set', exact: true }).click();
		await shows(page.getByText(new RegExp(`^${peer.name} stands in for you from`)));
		await form.scrollIntoViewIfNeeded();
		await stage.axe('away');
	});
	await step('what waited is offered, and taken on', async () => {
		await stage.enter(peer, '/reviews', theirs);
		await says(row(theirs, rep), `for ${manager.name}`);
		await atRest(theirs);
		await stage.axe('offered', theirs);
		await row(theirs, rep)
			.getByRole('button', { name: /^Take it on/ })
			.click();
		await plays(theirs, 0.2);
		await says(theirs.getByRole('banner').or(theirs.locator('header')), `for ${manager.name}, who is away`);
		assert.equal((await waiting(manager)).length, 0);
	});
	await step('what comes goes to the deputy at once', async () => {
		await handIn(stage, late, await take());
		await until('it waits for the deputy', async () => (await waiting(peer)).length === 2);
		await theirs.goto('/reviews');
		await says(row(theirs, late), `for ${manager.name}`);
		assert.equal(
			await row(theirs, late)
				.getByRole('button', { name: /^Take it on/ })
				.count(),
			0,
			'it is theirs',
		);
		await stage.axe('both', theirs);
		await row(theirs, late).getByRole('link').click();
		await plays(theirs, 0.2);
		await says(theirs.locator('header'), `for ${manager.name}, who is away`);
		await stage.axe('for', theirs);
		await reviewHere(theirs, device, [3, 3], 'Pass');
		await until('the other is left', async () => (await waiting(peer)).length === 1);
	});
	await step('back again', async () => {
		await page.getByRole('button', { name: 'I am back' }).click();
		await hides(page.getByText(/stands in for you from/));
	});
});

/** Two who do not know of each other's levels; they differ, and a third decides. */
const three = spec('two reviews that differ', { devices: ['desktop'] }, async (stage) => {
	const { page, step, device } = stage;
	const [rep, trainer] = [await stage.person('rep'), await stage.person('trainer')];
	const pool = await Promise.all(Array.from({ length: 3 }, () => stage.person('rep')));
	const [first, second, third] = pool as [Person, Person, Person];
	const team = await stage.company.team(`Differ ${rep.id}`, { members: [rep] });
	const { current } = await rubric(trainer, 'Price talk', ['Opening', 'Next step']);
	await programme(trainer, {
		name: 'Two look at it',
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
		reviewers: { kind: 'pool', person_ids: pool.map(({ id }) => id) },
		second_share: 100,
		second_distance: 10,
	});
	const attempt = await handIn(stage, rep, await take());
	const as = async (who: Person, seen: RegExp | undefined, secret: string[]) => {
		const at = await stage.open();
		await stage.enter(who, '/reviews?tab=pool', at);
		await row(at, rep)
			.first()
			.getByRole('button', { name: /^Take it on/ })
			.click();
		await plays(at, 0.2);
		if (seen) await shows(at.getByText(seen));
		await at.keyboard.press('Shift+N');
		await at.keyboard.type(`ote of ${who.name}`);
		await at.keyboard.press('Enter');
		const page = await at.content();
		for (const name of secret) assert(!page.includes(name), `${who.name} sees ${name}`);
		return at;
	};
	const left = () => attemptAs(rep, attempt.id);

	await step('the first says pass', async () => {
		const at = await as(first, undefined, []);
		await reviewHere(at, device, [4, 4], 'Pass');
		await shows(at.getByRole('heading', { name: 'Nothing waits for you' }));
		await at.getByRole('link', { name: 'To take on' }).click();
		await shows(at.getByRole('heading', { name: 'Nothing to take on' }));
	});
	await step('the second does not know, and says fail', async () => {
		assert.equal((await left()).state, 'waiting', 'one of two settles nothing');
		const at = await as(second, /Second review, blind/, [`Note of ${first.name}`]);
		await stage.axe('second', at);
		await reviewHere(at, device, [1, 1], 'Fail');
		await shows(at.getByRole('heading', { name: 'Nothing waits for you' }));
	});
	await step('a third decides', async () => {
		assert.equal((await left()).state, 'waiting');
		const secret = [`Note of ${first.name}`, `Note of ${second.name}`];
		const at = await as(third, /Third review, blind/, secret);
		await stage.axe('third', at);
		await reviewHere(at, device, [3, 3], 'Pass');
		await shows(at.getByRole('heading', { name: 'Nothing waits for you' }));
	});
	await step('the rep has one result, of the third', async () => {
		await stage.enter(rep, `/attempts/${attempt.id}`);
		await shows(page.getByText(/^66\.[67]%$/));
		await shows(page.getByText(`Note of ${third.name}`).first());
		await page.getByText('Every step', { exact: true }).click();
		const trail = page.getByRole('group').filter({ hasText: 'Every step' });
		await shows(trail.getByText('A reviewer was asked.'));
		await shows(trail.getByText('A second reviewer was asked'));
		await shows(trail.getByText('too far apart: a third reviewer was asked.'));
		await until('three reviews', async () => (await trail.getByText('A review was sent.').count()) === 3);
		await atRest(page);
		await stage.axe('result');
	});
});

export default [claims, deputy, three];
