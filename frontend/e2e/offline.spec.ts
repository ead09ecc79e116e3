import assert from 'node:assert/strict';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// A lift, a basement, a lobby: the client starts all the same, and says what it lacks.
export default spec('start without a network', { devices: ['iphone'] }, async ({ page, network, step }) => {
	await step('visit once', async () => {
		await page.goto('/parts');
		await until('a service worker in charge', () =>
			page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'),
		);
	});
	await step('what is kept is the client alone', async () => {
		const kept = await page.evaluate(async () => {
			const names = await caches.keys();
			const caught = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
			return caught.flat().map(({ url }) => new URL(url).pathname);
		});
		assert.ok(kept.includes('/'), `the page is kept: ${kept}`);
		assert.deepEqual(
			kept.filter((path) => /^\/(api|media)/.test(path)),
			[],
		);
	});
	await step('start without a network', async () => {
		await network(false);
		await page.goto('/parts');
		await shows(page.getByRole('heading', { level: 1 }));
		await page.goto('/search?q=price');
		await shows(page.getByText('The server cannot be reached'));
	});
	await step('go on where one wanted to go once it is back', async () => {
		await network(true);
		await page.getByRole('button', { name: 'Try again' }).click();
		await shows(page.getByRole('button', { name: 'Sign in' }));
		assert.equal(new URL(page.url()).searchParams.get('to'), '/search?q=price');
	});
});
