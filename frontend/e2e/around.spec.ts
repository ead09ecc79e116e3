import assert from 'node:assert/strict';
import { mainMenu } from './kit/acts.ts';
import { spec } from './kit/spec.ts';
import { hides, shows } from './kit/wait.ts';

// What is on every screen: the menu, the way back, an address that leads nowhere, a server that is away.
export default [
	spec('find one’s way', { devices: ['iphone', 'desktop'] }, async (stage) => {
		const { page, device, person, enter, step, axe } = stage;
		await step('an address that leads nowhere, signed out', async () => {
			await page.goto('/no/such/place');
			await shows(page.getByRole('heading', { level: 1, name: 'There is no such page' }));
		});
		await enter(await person('rep'), '/no/such/place');
		await step('and signed in', async () => {
			await shows(mainMenu(page));
			await shows(page.getByRole('heading', { level: 1, name: 'There is no such page' }));
			await axe('nowhere');
			await page.getByRole('link', { name: 'Go home' }).click();
			await shows(page.getByText('What are you facing?'));
		});
		await step('the menu says where one is', async () => {
			await mainMenu(page).getByRole('link', { name: 'Find' }).click();
			await shows(page.getByRole('searchbox'));
			assert.equal(await mainMenu(page).getByRole('link', { name: 'Find' }).getAttribute('aria-current'), 'page');
			assert.equal(await page.title(), 'Find a moment · Fieldreel');
			if (device === 'iphone') {
				await mainMenu(page).getByRole('link', { name: 'More' }).click();
				await shows(page.getByRole('heading', { name: 'More' }));
				await axe('more');
				await page.getByRole('navigation', { name: 'More' }).getByRole('link', { name: 'People' }).click();
			} else await mainMenu(page).getByRole('link', { name: 'People' }).click();
			await shows(page.getByRole('heading', { name: 'People' }));
			await page.goBack();
			await page.goBack();
		});
		await step('keys reach the content past the menu', async () => {
			await page.goto('/people');
			await shows(page.getByRole('heading', { name: 'People' }));
			await page.keyboard.press('Tab');
			const skip = page.getByRole('link', { name: 'Skip to the content' });
			assert.ok(await skip.evaluate((link) => link === document.activeElement));
		});
	}),
	spec('a server that is away', { devices: ['iphone', 'desktop'] }, async (stage) => {
		const { page, person, enter, network, step, axe } = stage;
		await enter(await person('rep'), '/');
		await shows(page.getByText('What are you facing?'));
		// Screens that were not opened yet come from the service worker or not at all; these three are here.
		for (const [path, name] of [
			['/search', 'Find'],
			['/', 'Home'],
		] as const) {
			await mainMenu(page).getByRole('link', { name, exact: true }).click();
			assert.equal(new URL(page.url()).pathname, path);
		}
		await network(false);
		await step('a search says that the server cannot be reached', async () => {
			await mainMenu(page).getByRole('link', { name: 'Find' }).click();
			await page.getByRole('searchbox').fill('half the price');
			await shows(page.getByRole('alert').getByText('The server cannot be reached.'));
			await axe('away');
		});
		await step('and tries again when asked', async () => {
			await network(true);
			await page.getByRole('button', { name: 'Try again' }).click();
			await hides(page.getByRole('alert'));
			await shows(page.getByRole('article').first());
		});
	}),
];
