import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { attemptAs, handIn, programme, reviewHere, rubric, send, waiting } from './kit/reviewing.ts';
import { type Stage, spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';
import { plays } from './watch.spec.ts';

const criteria = ['Opening', 'Price in its place', 'Next step'];
const words = 'They said it is too expensive. I asked what each month of waiting costs them, and we agreed on a date.';

/** A rep, their manager and the manager above, and a trainer with a programme for the rep's team. */
async function cast(stage: Stage) {
	const [rep, manager, head, trainer] = await Promise.all([
		stage.person('rep'),
		stage.person('manager'),
		stage.person('manager'),
		stage.person('trainer'),
	]);
	const { company } = stage;
	const above = await company.team(`Disputes ${rep.id}`, { managers: [head] });
	const team = await company.team(`Disputed ${rep.id}`, { members: [rep], managers: [manager] });
	const path = { id: team };
	await data(company.admin.api.PATCH('/api/v1/teams/{id}', { params: { path }, body: { parent_id: above } }));
	const { current } = await rubric(trainer, 'Price talk', criteria);
	await programme(trainer, {
		name: 'The price talk',
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
		reviewers: { kind: 'manager' },
	});
	return { rep, manager, head, trainer };
}

/** Says on the page of a result what is not right. */
async function disputes(page: Page, reason: string): Promise<void> {
	await page.getByRole('button', { name: 'Something is not right?' }).click();
	await page.getByRole('textbox', { name: 'Your reason' }).fill(reason);
	await page.getByRole('button', { name: 'Send it' }).click();
	await shows(page.getByText('It is being looked at. Your result stands until then.'));
}

/** A result is disputed, looked at anew by somebody who knows nothing, and changed. */
const changed = spec('dispute a result', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, step, device } = stage;
	const { rep, manager, head, trainer } = await cast(stage);
	const attempt = await handIn(stage, rep, await clip(words, 8, '0x6d2d8a'));
	const path = `/attempts/${attempt.id}`;
	const theirs = await stage.open();
	const blind = await stage.open();
	const claim = 'At 0:04 I name a date: that is at least level 3 of “Next step”.';
	const secret = 'You never came to the point.';

	await step('the result stands, and the rep disputes it', async () => {
		await send(manager, attempt.id, 2, 'retry', secret);
		await stage.enter(rep, path);
		await shows(page.getByText('33.3%'));
		await disputes(page, 'I do not like it.');
	});
	await step('taken back, and said better', async () => {
		await page.getByRole('button', { name: 'Take it back' }).click();
		await shows(page.getByText('Taken back. The result stands.'));
		await disputes(page, claim);
		await stage.axe('disputed');
	});
	await step('the trainer is told, and finds it in Disputes', async () => {
		await stage.enter(trainer, '/reviews', theirs);
		await theirs.getByRole('link', { name: 'Disputes' }).click();
		const row = theirs.getByRole('link', { name: new RegExp(`^${rep.name}`) });
		await says(row, new RegExp(`The price talk, attempt 1, raised.*${claim.slice(0, 20)}`, 's'));
		await atRest(theirs);
		await stage.axe('list', theirs);
		await theirs.getByRole('link', { name: 'All', exact: true }).click();
		await until('the one taken back, too', async () => (await row.count()) === 2);
		await theirs.getByRole('link', { name: 'Open', exact: true }).click();
		await until('only the open one', async () => (await row.count()) === 1);
		await row.click();
	});
	await step('claim, rubric version and scores', async () => {
		const main = theirs.getByRole('main');
		await shows(theirs.getByRole('heading', { name: `Dispute of ${rep.name}` }));
		await says(main, claim);
		await says(main, /Retry, 33\.3 %.*Rubric version 1/s);
		await says(main, new RegExp(`Opening.*First, ${manager.name}.*2 Begun`, 's'));
		await theirs.getByText(`Message: First, ${manager.name}`).click();
		await shows(theirs.getByText(secret, { exact: true }));
		await atRest(theirs);
		await stage.axe('weigh', theirs);
	});
	await step('somebody who knows nothing is asked', async () => {
		const who = theirs.getByRole('combobox', { name: 'Who looks at it' });
		await who.fill(manager.name);
		await shows(theirs.getByRole('option', { name: 'Nothing fits' })); // they have reviewed it
		await who.fill(head.name);
		await theirs.getByRole('option', { name: head.name }).click();
		await theirs.getByRole('button', { name: 'Ask for it' }).click();
		await shows(theirs.getByText(`${head.name} was asked and has not sent it yet.`));
		await stage.axe('asked', theirs);
	});
	await step('they review without the scores, the words and the reason', async () => {
		await stage.enter(head, '/reviews', blind);
		const row = blind.getByRole('link', { name: new RegExp(`${rep.name} The price talk`) });
		await says(row, 'Disputed');
		await row.click();
		await shows(blind.getByText('Disputed, blind'));
		await plays(blind, 0.5);
		const page = await blind.content();
		for (const hidden of [secret, claim, '33.3', 'Begun (']) assert(!page.includes(hidden), `they see ${hidden}`);
		assert.equal(await blind.getByRole('list', { name: 'Notes' }).getByRole('listitem').count(), 0);
		const { result, score, dispute } = await attemptAs(head, attempt.id);
		assert.deepEqual([result, score, dispute], [undefined, undefined, undefined], 'nor by the attempt');
		await stage.axe('blind', blind);
		await blind.goto(path);
		await shows(blind.getByRole('heading', { name: 'The price talk' }));
		await atRest(blind);
		assert(!(await blind.content()).includes(secret), 'nor on its page');
		await stage.axe('blind-attempt', blind);
		await blind.goBack();
		await reviewHere(blind, device, [3, 3, 4], 'Pass');
		await until('it is sent', async () => (await waiting(head)).length === 0);
	});
	await step('the first result stands until it is settled', async () => {
		const { state, decision, score } = await attemptAs(rep, attempt.id);
		assert.deepEqual([state, decision, score], ['settled', 'retry', 33.3]);
		await page.reload();
		await shows(page.getByText('33.3%'));
		await shows(page.getByText('It is being looked at. Your result stands until then.'));
	});
	await step('the trainer hears of it, sees where they differ, and changes the result', async () => {
		await shows(theirs.getByText(`${head.name} has sent it.`));
		await says(theirs.getByRole('main'), new RegExp(`Next step.*they differ.*Blind, ${head.name}.*4 A model`, 's'));
		await theirs.getByRole('radio', { name: 'It changes' }).check();
		const to = theirs.getByRole('group', { name: 'To', exact: true });
		assert.equal(await to.getByRole('radio').count(), 1, 'a retry becomes no fail, and no retry without other levels');
		await to.getByRole('radio', { name: 'Passed' }).check();
		await shows(theirs.getByText(`With the levels and the score of ${head.name}’s blind review.`));
		await theirs
			.getByRole('textbox', { name: `Why, to ${rep.name}` })
			.fill('The date is there. Somebody else saw it, too.');
		await atRest(theirs);
		await stage.axe('settle', theirs);
		await theirs.getByRole('button', { name: 'Settle the dispute' }).click();
		await shows(theirs.getByRole('heading', { name: 'The result was changed' }));
		await hides(theirs.getByRole('button', { name: 'Settle the dispute' }));
		await stage.axe('settled', theirs);
	});
	await step('the rep sees what became of it, and a certificate', async () => {
		await shows(page.getByText('The date is there. Somebody else saw it, too.'));
		await shows(page.getByText('The result was changed.'));
		await shows(page.getByText('77.7%').or(page.getByText('77.8%')));
		await shows(page.getByRole('link', { name: 'Your certificate' }));
		await page.getByText('Every step', { exact: true }).click();
		const trail = page.getByRole('group').filter({ hasText: 'Every step' });
		await says(
			trail,
			/disputes the result.*withdrew the dispute.*disputes the result.*because of the dispute.*A review was sent.*dispute was resolved/s,
		);
		await atRest(page);
		await stage.axe('changed');
	});
});

/** What stands, and what is not needed any more. */
const stands = spec('a dispute that changes nothing', { devices: ['iphone'] }, async (stage) => {
	const { page, step } = stage;
	const { rep, manager, head, trainer } = await cast(stage);
	const attempt = await handIn(stage, rep, await clip(words, 8, '0x6d2d8a'));
	await send(manager, attempt.id, 2, 'fail', 'Not this time.');
	const reason = { params: { path: { id: attempt.id } }, body: { reason: 'I had no time.' } };
	const first = await data(rep.api.POST('/api/v1/attempts/{id}/dispute', reason));
	const third = async (id: string) =>
		data(trainer.api.POST('/api/v1/disputes/{id}/third', { params: { path: { id } }, body: { reviewer_id: head.id } }));

	await step('withdrawn on its own page, the blind review falls away', async () => {
		await third(first.id);
		assert.equal((await waiting(head)).length, 1);
		await stage.enter(rep, `/disputes/${first.id}`);
		await shows(page.getByText('I had no time.'));
		await shows(page.getByText(`${head.name} was asked and has not sent it yet.`));
		await stage.axe('own');
		await page.getByRole('button', { name: 'Withdraw the dispute' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Withdraw the dispute' }).click();
		await shows(page.getByText('Withdrawn', { exact: true }).first());
		await hides(page.getByRole('button', { name: 'Withdraw the dispute' }));
		assert.equal((await waiting(head)).length, 0);
		await page.goto(`/disputes`);
		await says(page.getByRole('main'), 'No dispute is open');
		await stage.axe('none-open');
	});
	await step('settled before the blind review came: it stands, with words', async () => {
		const second = await data(rep.api.POST('/api/v1/attempts/{id}/dispute', reason));
		await third(second.id);
		const theirs = await stage.open();
		await stage.enter(trainer, `/disputes/${second.id}`, theirs);
		await shows(theirs.getByText(`${head.name} was asked and has not sent it yet.`));
		await theirs.getByRole('radio', { name: 'It stands' }).check();
		await theirs.getByRole('textbox', { name: /^Why, to/ }).fill('No time is no reason: try again next month.');
		await theirs.getByRole('button', { name: 'Settle the dispute' }).click();
		await shows(theirs.getByRole('heading', { name: 'The result stands' }));
		await hides(theirs.getByRole('heading', { name: 'A blind review' }));
		await atRest(theirs);
		await stage.axe('stands', theirs);
		assert.equal((await waiting(head)).length, 0);
	});
	await step('the rep is told, and it is final', async () => {
		await page.goto('/notices');
		await page
			.getByRole('link', { name: /Your dispute is settled/ })
			.first()
			.click();
		await shows(page.getByText('No time is no reason: try again next month.'));
		await shows(page.getByText('The result stands.', { exact: true }));
		assert.equal(await page.getByRole('button', { name: 'Something is not right?' }).count(), 0);
		await page.getByText('Every step', { exact: true }).click();
		await shows(page.getByText('The dispute was resolved: the result stands.'));
		await atRest(page);
		await stage.axe('told');
	});
});

export default [changed, stands];
