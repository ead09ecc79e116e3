import assert from 'node:assert/strict';
import { atRest, mainMenu } from './kit/acts.ts';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// What somebody sees who tries Fieldreel out: a company to look around in, as a rep, a manager or a trainer.
export default spec('demo company', { devices: ['pixel'], serve: ['demo'] }, async ({ page, site, step, axe }) => {
	const door = (role: string) => page.getByRole('button', { name: new RegExp(`^Sign in as .* ${role}$`) });
	await step('the terminal names the sign-ins', async () => {
		for (const role of ['rep', 'manager', 'trainer'])
			assert.match(site.greeting, new RegExp(`\\b${role}\\s.*@demo\\.example`));
	});
	for (const role of ['rep', 'manager', 'trainer']) {
		await step(`look around as a ${role}`, async () => {
			await page.goto('/signin');
			await shows(door(role));
			if (role === 'rep') await axe('doors');
			await door(role).click();
			await shows(mainMenu(page));
			if (role === 'rep') {
				// The first videos are made while one looks: usable within a minute, and twice that on a busy machine.
				await until(
					'a video to watch',
					async () => {
						await page.goto('/');
						await atRest(page);
						return page.getByRole('link', { name: /^\d+ seconds / }).count();
					},
					120_000,
				);
			}
			if (role === 'trainer') {
				await page.goto('/reports/tactics');
				await shows(page.getByText('Anchor on cost of delay').filter({ visible: true }).first());
			}
			await atRest(page);
			await axe(`home-${role}`);
			await page.goto('/more');
			await page.getByRole('button', { name: 'Sign out' }).click();
			await shows(door(role));
		});
	}
});
