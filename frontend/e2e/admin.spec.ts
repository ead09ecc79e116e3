import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { atRest, mainMenu, signIn } from './kit/acts.ts';
import { data, type Person } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

/** The secret link that the page shows, as a path. */
async function shownLink(page: Page): Promise<string> {
	const code = page.getByRole('status').locator('code');
	const { pathname } = new URL(await says(code, /\/join\/./));
	return pathname;
}

/** Opens the menu of a row and does one thing of it. */
async function act(page: Page, name: string, what: string): Promise<void> {
	await page.getByRole('button', { name: `More for ${name}` }).click();
	await page.getByRole('button', { name: what }).filter({ visible: true }).click();
}

// Path 6: an admin brings people in, seats them, lets them go, and looks after the system.
export default [
	// Alone: all windows of a browser have one clipboard.
	spec('admin invites', { devices: ['iphone', 'desktop'], alone: true }, async (stage) => {
		const { page, device, person, enter, open, allow, step, axe } = stage;
		const admin = await person('admin');
		const name = `Nadia Okafor-${device}`;
		const piet = `Piet Mistake-${device}`;
		const email = `nadia.${admin.id}@example.com`;
		const theirs = await open();
		allow(404, /^\/api\/v1\/invitations\/lookup$/);
		await step('make a link', async () => {
			await enter(admin, '/admin/invitations');
			await page.getByRole('button', { name: 'Invite somebody' }).click();
			const dialog = page.getByRole('dialog', { name: 'Invite somebody' });
			await dialog.getByLabel('Name').fill(name);
			await dialog.getByLabel('E-mail').fill(email);
			await dialog.getByRole('checkbox', { name: /^Rep/ }).uncheck();
			await shows(dialog.getByText('Choose at least one role.'));
			await dialog.getByRole('checkbox', { name: /^Rep/ }).check();
			await dialog.getByLabel('Team', { exact: true }).selectOption({ label: 'North' });
			await shows(dialog.getByRole('radio', { name: 'Member' }));
			await axe('invite');
			await dialog.getByRole('button', { name: 'Make the link' }).click();
			await hides(dialog);
		});
		const first = await shownLink(page);
		await step('copy it', async () => {
			await page.getByRole('button', { name: 'Copy the link' }).click();
			assert.equal(new URL(await page.evaluate(() => navigator.clipboard.readText())).pathname, first);
		});
		const second = await step('renew it: the first no longer works', async () => {
			await page.getByRole('button', { name: `New link ${name}` }).click();
			await until('another link', async () => (await shownLink(page)) !== first);
			await axe('made');
			await theirs.goto(first);
			await shows(theirs.getByRole('heading', { name: 'This link does not work' }));
			await axe('gone', theirs);
			return shownLink(page);
		});
		await step('who was invited opens it and makes the account', async () => {
			await theirs.goto(second);
			await shows(theirs.getByRole('heading', { name: `Welcome, ${name}` }));
			await shows(theirs.getByText(`${admin.name} invites you to Fieldreel, into the team North.`));
			await axe('welcome', theirs);
			allow(422, /^\/api\/v1\/invitations\/accept$/);
			await theirs.getByLabel('Password').fill('short');
			await theirs.getByRole('button', { name: 'Begin' }).click();
			await shows(theirs.getByText(/at least/i).first());
			await theirs.getByLabel('Password').fill('plain words for a password');
			await theirs.getByRole('button', { name: 'Begin' }).click();
			await shows(mainMenu(theirs));
			assert.equal(new URL(theirs.url()).pathname, '/');
		});
		await step('it is accepted, and its link is used up', async () => {
			await page.goto('/admin/invitations');
			await shows(page.getByRole('listitem').filter({ hasText: email }).getByText('Accepted'));
			const other = await open();
			await other.goto(second);
			await shows(other.getByRole('heading', { name: 'This link does not work' }));
		});
		await step('take another back', async () => {
			await page.goto('/admin/invitations?new=1');
			const dialog = page.getByRole('dialog');
			await dialog.getByLabel('Name').fill(piet);
			await dialog.getByLabel('E-mail').fill(`piet.${admin.id}@example.com`);
			await dialog.getByRole('button', { name: 'Make the link' }).click();
			const link = await shownLink(page);
			await page.getByRole('button', { name: `Take back ${piet}` }).click();
			await shows(
				page
					.getByRole('listitem')
					.filter({ hasText: `piet.${admin.id}` })
					.getByText('Taken back'),
			);
			const other = await open();
			await other.goto(link);
			await shows(other.getByRole('heading', { name: 'This link does not work' }));
		});
	}),

	spec('admin manages people', { devices: ['iphone', 'desktop'] }, async (stage) => {
		const { page, person, enter, open, allow, step, axe } = stage;
		const admin = await person('admin');
		const rep = await person('rep');
		const theirs = await open();
		let name = rep.name;
		await step('find somebody', async () => {
			await enter(admin, '/admin/people');
			await page.getByLabel('Find a person').fill(name);
			await until('the name in the address', () => new URL(page.url()).searchParams.get('q') === name);
			await until('only them', async () => (await page.getByRole('button', { name: /^More for/ }).count()) === 1);
			await axe('people');
		});
		await step('edit them', async () => {
			await act(page, name, 'Edit');
			const dialog = page.getByRole('dialog');
			await axe('edit');
			name = `${name} Jr`;
			await dialog.getByLabel('Name').fill(name);
			await dialog.getByRole('checkbox', { name: /^Trainer/ }).check();
			await dialog.getByRole('button', { name: 'Save' }).click();
			await hides(dialog);
			await shows(page.getByRole('link', { name }));
			const { roles } = await data(admin.api.GET('/api/v1/people/{id}', { params: { path: { id: rep.id } } }));
			assert.deepEqual([...(roles ?? [])].sort(), ['rep', 'trainer']);
		});
		await step('a link for a new password', async () => {
			await act(page, name, 'Link for a new password');
			const link = await shownLink(page);
			await axe('reset');
			await theirs.goto(link);
			await shows(theirs.getByRole('heading', { name: 'Choose a new password' }));
			await axe('choose', theirs);
			await theirs.getByLabel('Password').fill('other words for a password');
			await theirs.getByRole('button', { name: 'Set the password' }).click();
			await shows(mainMenu(theirs));
		});
		await step('they left: signed out at once', async () => {
			await act(page, name, 'They left');
			const question = page.getByRole('dialog', { name: `Has ${name} left?` });
			await shows(question);
			await axe('question');
			await question.getByRole('button', { name: 'Keep it' }).click();
			await hides(question);
			await act(page, name, 'They left');
			await question.getByRole('button', { name: 'They left' }).click();
			await shows(page.getByText('Left', { exact: true }));
			allow(401, /./);
			await theirs.goto('/saved');
			await shows(theirs.getByRole('heading', { name: 'Sign in' }));
		});
		await step('undo brings them back', async () => {
			await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
			await hides(page.getByText('Left', { exact: true }));
			await signIn(theirs, { ...rep, password: 'other words for a password' });
		});
		await step('left again, and brought back from the menu', async () => {
			await act(page, name, 'They left');
			await page.getByRole('dialog').getByRole('button', { name: 'They left' }).click();
			await shows(page.getByText('Left', { exact: true }));
			await act(page, name, 'Bring back');
			await hides(page.getByText('Left', { exact: true }));
		});
		await step('nobody takes away their own account', async () => {
			await page.goto(`/admin/people?q=${encodeURIComponent(admin.name)}`);
			await page.getByRole('button', { name: `More for ${admin.name}`, exact: true }).click();
			await shows(page.getByRole('button', { name: 'Edit' }).filter({ visible: true }));
			assert.equal(await page.getByRole('button', { name: 'They left' }).filter({ visible: true }).count(), 0);
		});
	}),

	spec('admin keeps teams', { devices: ['iphone', 'desktop'] }, async (stage) => {
		const { page, device, person, enter, step, axe } = stage;
		const admin = await person('admin');
		const [rep, lead] = [await person('rep'), await person('manager')];
		const unique = `${device} ${rep.id.slice(-4)}`;
		const [above, below] = [`Central ${unique}`, `Inside ${unique}`];
		const add = async (name: string, under?: string) => {
			await page.getByRole('button', { name: 'Add a team' }).click();
			const dialog = page.getByRole('dialog', { name: 'Add a team' });
			await dialog.getByLabel('Name').fill(name);
			const parent = dialog.getByLabel('Below');
			if (under)
				await parent.selectOption((await parent.locator('option', { hasText: under }).getAttribute('value')) ?? '');
			else await axe('add');
			await dialog.getByRole('button', { name: 'Save' }).click();
			await hides(dialog);
			await shows(page.getByRole('heading', { name }));
		};
		await step('make two teams', async () => {
			await enter(admin, '/admin/teams');
			await add(above);
			await add(below);
		});
		const card = page.getByRole('group').filter({ hasText: below });
		const seat = async (label: string, who: Person) => {
			await card.getByRole('combobox', { name: label }).fill(who.name);
			await card.getByRole('option', { name: who.name }).first().click();
			await shows(card.getByRole('link', { name: who.name }));
		};
		const team = async () => {
			const { items } = await data(admin.api.GET('/api/v1/teams'));
			return items.find((one) => one.name === below);
		};
		await step('seat a member and a manager', async () => {
			await page.getByRole('heading', { name: below }).click();
			await seat('Add a member', rep);
			await seat('Add a manager', lead);
			const { member_ids, manager_ids } = (await team()) ?? {};
			assert.deepEqual([member_ids, manager_ids], [[rep.id], [lead.id]]);
			await axe('seated');
		});
		await step('the keys alone find and pick', async () => {
			const box = card.getByRole('combobox', { name: 'Add a member' });
			await box.fill(lead.name);
			await shows(card.getByRole('option', { name: lead.name }).first());
			await box.press('Escape');
			await hides(card.getByRole('option', { name: lead.name }).first());
			await box.press('ArrowDown');
			await shows(card.getByRole('option', { name: lead.name }).first());
			await box.press('Escape');
		});
		await step('take a member out, and undo', async () => {
			await card.getByRole('button', { name: `Take ${rep.name} out of ${below}` }).click();
			await until('no member', async () => (await team())?.member_ids.length === 0);
			await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
			await until('a member', async () => (await team())?.member_ids.includes(rep.id));
			await shows(card.getByRole('link', { name: rep.name }));
		});
		await step('move it below the other', async () => {
			await page.getByRole('button', { name: `Rename or move ${below}` }).click();
			const dialog = page.getByRole('dialog', { name: below });
			const parent = dialog.getByLabel('Below');
			assert.equal(await parent.locator('option', { hasText: below }).count(), 0, 'never below itself');
			await parent.selectOption((await parent.locator('option', { hasText: above }).getAttribute('value')) ?? '');
			await dialog.getByRole('button', { name: 'Save' }).click();
			await hides(dialog);
			await until('moved', async () => (await team())?.parent_id);
			await axe('moved');
		});
		await step('remove it', async () => {
			await page.getByRole('button', { name: `Remove the team ${below}` }).click();
			const question = page.getByRole('dialog', { name: `Remove ${below}?` });
			await question.getByRole('button', { name: 'Remove the team' }).click();
			await hides(page.getByRole('heading', { name: below }));
			assert.equal(await team(), undefined);
		});
	}),

	spec('admin looks after the system', { devices: ['iphone', 'desktop'] }, async (stage) => {
		const { page, person, enter, step, axe } = stage;
		const admin = await person('admin');
		// Work that gives up is rare by design; the server's part of it is tested there (app/api). This is one as it tells it.
		let failed = true;
		let retried = 0;
		await page.route(/\/api\/v1\/jobs$/, async (route) => {
			const answer = await route.fetch();
			const body = (await answer.json()) as { items: object[]; counts: Record<string, number> };
			const job = {
				...{ id: 990_001, kind: 'video_process', words: 'Make a video playable', state: 'failed' },
				...{ attempt: 5, max: 5, error: 'A disk is full.', at: new Date(Date.now() - 7_200_000).toISOString() },
				...{ detail: 'keep x: write: no space left on device', author: { id: admin.id, name: 'Ana Silva' } },
			};
			await route.fulfill({ response: answer, json: failed ? { ...body, items: [job, ...body.items] } : body });
		});
		await page.route(/\/api\/v1\/jobs\/990001\/retry$/, async (route) => {
			retried++;
			failed = false;
			await route.fulfill({ status: 204 });
		});
		let resent = false;
		await page.route(/\/api\/v1\/installation\/deliveries$/, async (route) => {
			const answer = await route.fetch();
			const message = (id: string, state: string, words: string) => ({
				...{ id, state, words, kind: 'digest', channel: 'mail', tries: 1, retryable: state === 'unsure' },
				...{ at: new Date(Date.now() - 3_600_000).toISOString(), person: { id: admin.id, name: 'Ben Okafor' } },
			});
			const lost = message('m1', 'unsure', 'The mail server broke off: nobody knows whether it has the mail.');
			const gone = message('m2', 'sent', 'The mail server has taken it.');
			await route.fulfill({ response: answer, json: { items: resent ? [gone] : [lost, gone] } });
		});
		await page.route(/\/api\/v1\/installation\/deliveries\/m1\/retry$/, async (route) => {
			resent = true;
			await route.fulfill({ status: 204 });
		});
		await step('health, storage, and what failed, in words', async () => {
			await enter(admin, '/admin');
			await shows(page.getByText('A disk is full.'));
			await shows(page.getByRole('heading', { name: 'Health' }));
			await shows(page.getByText('free of').first());
			await shows(page.getByRole('rowheader', { name: 'Recordings as they came' }));
			await atRest(page);
			await axe('system');
			await page.getByRole('heading', { name: 'Storage' }).scrollIntoViewIfNeeded();
			await axe('storage');
		});
		await step('try it again', async () => {
			const job = page.getByRole('article').filter({ hasText: 'A disk is full.' });
			await job.getByText('Details for a report').click();
			await shows(job.getByText('no space left on device'));
			await job.getByRole('button', { name: /^Try again/ }).click();
			await hides(job);
			assert.equal(retried, 1);
		});
		await step('a message that may be lost goes again', async () => {
			const lost = page.getByRole('article').filter({ hasText: 'nobody knows whether it has the mail' });
			await lost.scrollIntoViewIfNeeded();
			await axe('messages');
			await lost.getByRole('button', { name: /^Try again/ }).click();
			await shows(page.getByText('Nothing is left that could not be sent.'));
			await page.getByText('Show 1 other message').click();
			await shows(page.getByText('The mail server has taken it.'));
		});
		await step('not for others', async () => {
			const rep = await person('rep');
			await enter(rep, '/admin');
			await shows(page.getByRole('heading', { name: 'Only admins see this page' }));
		});
	}),
];
