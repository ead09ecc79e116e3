import assert from 'node:assert/strict';
import { signIn } from './kit/acts.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

// One's own account: name, colours, where one is signed in, tokens for scripts, the password.
export default spec('settings', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, person, enter, open, allow, step, axe } = stage;
	const rep = await person('rep');
	const elsewhere = await open('desktop');
	await signIn(elsewhere, rep);
	await enter(rep, '/settings');
	const part = (name: string) => page.getByRole('region', { name });

	await step('the name and the time zone', async () => {
		await part('You').getByLabel('Name').fill(`${rep.name} the Second`);
		await part('You').getByLabel('Time zone').selectOption('Asia/Tokyo');
		await part('You').getByRole('button', { name: 'Save' }).click();
		await shows(page.getByRole('status').getByText('Saved'));
		await page.reload();
		assert.equal(await part('You').getByLabel('Name').inputValue(), `${rep.name} the Second`);
		assert.equal(await part('You').getByLabel('Time zone').inputValue(), 'Asia/Tokyo');
		await shows(part('Where you are signed in').getByText('Here, now'));
		await axe('all');
	});
	await step('dark, on a device that is light', async () => {
		const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
		const light = await paper();
		await part('Look').getByRole('radio', { name: 'Dark' }).check();
		await until('another paper', async () => (await paper()) !== light);
		const dark = await paper();
		await page.reload();
		await shows(page.getByRole('heading', { name: 'Settings' }));
		assert.equal(await paper(), dark, 'it is remembered');
		await part('Look').getByRole('radio', { name: 'As the device' }).check();
		await until('the paper of before', async () => (await paper()) === light);
	});
	await step('a token, used by a script and ended', async () => {
		const tokens = part('API tokens');
		await shows(tokens.getByText('No tokens.'));
		await tokens.getByLabel('What it is for').fill('Nightly import');
		await tokens.getByRole('button', { name: 'Make a token' }).click();
		const secret = await says(tokens.getByRole('status').locator('code'), /\S{20}/);
		await tokens.scrollIntoViewIfNeeded();
		await axe('token');
		const asScript = () =>
			fetch(`${company.site.base}/api/v1/me`, { headers: { Authorization: `Bearer ${secret.trim()}` } });
		assert.equal((await asScript()).status, 200);
		await tokens.getByRole('button', { name: 'End the token Nightly import' }).click();
		const question = page.getByRole('dialog', { name: 'End the token Nightly import' });
		await question.getByRole('button', { name: 'End it' }).click();
		await shows(tokens.getByText('No tokens.'));
		assert.equal((await asScript()).status, 401);
	});
	await step('sign out where one is signed in, too', async () => {
		const sessions = part('Where you are signed in');
		await sessions.getByRole('button', { name: 'Sign out', exact: true }).first().click();
		await shows(page.getByRole('status').getByText('Signed out there'));
		await sessions
			.getByRole('button', { name: 'Sign out everywhere else' })
			.or(sessions.getByText('Here, now'))
			.first()
			.waitFor();
		const everywhere = sessions.getByRole('button', { name: 'Sign out everywhere else' });
		if (await everywhere.isVisible()) await everywhere.click();
		await hides(everywhere);
		allow(401, /./);
		await elsewhere.goto('/saved');
		await shows(elsewhere.getByRole('heading', { name: 'Sign in' }));
	});
	await step('another password: everything is signed out, and the old one is over', async () => {
		allow(422, /^\/api\/v1\/me\/password$/);
		allow(403, /^\/api\/v1\/me\/password$/);
		const form = part('Password');
		await form.getByLabel('Password so far').fill('not the password');
		await form.getByLabel('New password').fill('quite other words now');
		await form.getByRole('button', { name: 'Change the password' }).click();
		await until('the refusal at its field', () => form.locator('[aria-invalid="true"]').count());
		await form.getByLabel('Password so far').fill(rep.password);
		await form.getByRole('button', { name: 'Change the password' }).click();
		await shows(page.getByRole('heading', { name: 'Sign in' }));
		await signIn(page, { ...rep, password: 'quite other words now' });
	});
});
