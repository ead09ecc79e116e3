import assert from 'node:assert/strict';
import { mainMenu, signIn } from './kit/acts.ts';
import { spec } from './kit/spec.ts';
import { hides, shows } from './kit/wait.ts';

// Everybody comes through this door: in, to where they wanted to go, and out again.
export default spec('sign in', { devices: ['iphone', 'desktop'] }, async ({ page, person, axe, allow, step }) => {
	const rep = await person('rep');
	await step('be asked for a sign-in, with a wrong password first', async () => {
		await page.goto('/search?q=price');
		await shows(page.getByRole('heading', { name: 'Sign in' }));
		await axe('door');
		allow(401, /^\/api\/v1\/sessions$/);
		await page.getByLabel('E-mail').fill(rep.email);
		await page.getByLabel('Password').fill('not the password');
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		await shows(page.getByRole('alert'));
		await axe('refused');
	});
	await step('sign in and be where one wanted to go', async () => {
		await page.getByLabel('Password').fill(rep.password);
		await page.getByRole('button', { name: 'Sign in', exact: true }).click();
		await shows(mainMenu(page));
		await hides(page.getByRole('heading', { name: 'Sign in' }));
		const { pathname, search } = new URL(page.url());
		assert.equal(pathname + search, '/search?q=price');
	});
	await step('sign out', async () => {
		await page.goto('/more');
		await page.getByRole('button', { name: 'Sign out' }).click();
		await shows(page.getByRole('heading', { name: 'Sign in' }));
		await page.goto('/search');
		await shows(page.getByRole('heading', { name: 'Sign in' }));
	});
	await step('sign in again by the helper of the other specs', () => signIn(page, rep));
});
