import assert from 'node:assert/strict';
import { atRest } from './kit/acts.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { says, shows, until } from './kit/wait.ts';

// Path 3, its first half: from the home screen to the second in which a colleague handled it.
export default spec('find a moment', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, person, enter, step, axe } = stage;
	const rep = await person('rep');
	await enter(rep);
	await step('from home, type what happened', async () => {
		await page.getByRole('link', { name: /What are you facing/ }).click();
		const box = page.getByRole('searchbox', { name: 'What are you facing?' });
		await shows(page.getByRole('heading', { name: 'Or begin with' }));
		await axe('start');
		await box.fill('they say Northwind is half the price');
	});
	const first = page.getByRole('article').first();
	await step('the moment, its words marked, and why it fits', async () => {
		await shows(first);
		assert.equal(new URL(page.url()).searchParams.get('q'), 'they say Northwind is half the price');
		const marks = await first.locator('mark').allInnerTexts();
		assert.ok(marks.some((word) => /price/i.test(word)) && marks.some((word) => /half/i.test(word)), marks.join());
		const why = first.getByRole('list', { name: 'Why this one' });
		await says(why, /price/);
		await atRest(page);
		await axe('moments');
	});
	await step('narrow down, and widen again', async () => {
		await page.getByText('Narrow down').click();
		await page.getByLabel('Objection').selectOption({ label: 'Security' });
		await until(
			'the address with the objection',
			() => new URL(page.url()).searchParams.get('objection') === 'security',
		);
		const chip = page.getByRole('button', { name: /Objection: Security/ });
		await shows(chip);
		await axe('narrowed');
		await chip.click();
		await until('the address without it', () => !new URL(page.url()).searchParams.has('objection'));
		await shows(page.getByRole('link', { name: /^Play When Northwind is half the price/ }));
		await page.getByText('Narrow down').click();
	});
	await step('save it, take that back, save it again', async () => {
		const save = first.getByRole('button', { name: 'Save' });
		await save.click();
		await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
		await until('nothing is saved', async () => (await data(rep.api.GET('/api/v1/saves'))).items.length === 0);
		await save.click();
		await until('it is saved', async () => (await data(rep.api.GET('/api/v1/saves'))).items.length === 1);
	});
	await step('one tap, and it plays from there', async () => {
		const play = first.getByRole('link', { name: /^Play When Northwind is half the price/ });
		const wanted = new URL((await play.getAttribute('href')) ?? '', page.url());
		await play.click();
		await until('its address', () => new URL(page.url()).pathname === wanted.pathname);
		assert.equal(new URL(page.url()).searchParams.get('t'), wanted.searchParams.get('t'));
		const start = Number(wanted.searchParams.get('t')) / 1000;
		const at = await until('the picture at the moment', () =>
			page
				.locator('video')
				.first()
				.evaluate((video: HTMLVideoElement) => (video.readyState >= 2 ? video.currentTime + 0.001 : 0)),
		);
		assert.ok(at >= start - 0.5 && at < start + 8, `plays at ${at} s, wanted ${start} s`);
	});
	await step('back to the same moments, and the question is remembered', async () => {
		await page.goBack();
		await shows(page.getByRole('article').first());
		assert.equal(await page.getByRole('searchbox').inputValue(), 'they say Northwind is half the price');
		await page.goto('/search');
		await shows(page.getByRole('button', { name: 'they say Northwind is half the price' }));
		await page.getByRole('button', { name: 'Forget these' }).click();
		await shows(page.getByRole('heading', { name: 'Or begin with' }));
		assert.equal(await page.getByRole('heading', { name: 'Asked before' }).count(), 0);
	});
	await step('nothing fits', async () => {
		await page.getByRole('searchbox').fill('xylophone zeppelin');
		await page.getByRole('searchbox').press('Enter');
		await shows(page.getByText('Nobody has said that on video yet'));
	});
});
