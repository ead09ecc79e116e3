import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, shows, until } from './kit/wait.ts';

// What was recorded elsewhere: picked, looked at, kept or thrown away. And a phone that will not give its camera.
export default spec('pick a file', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, step } = stage;
	const rep = await stage.person('rep');
	const path = await clip('A small first step made the budget.', 4, '0x2d6db4');
	const mine = async () => (await data(rep.api.GET('/api/v1/videos', { params: { query: { author: 'me' } } }))).items;
	const pick = () => page.locator('input[type=file]').setInputFiles(path);

	await step('no camera: the words say what to do, and a file still goes', async () => {
		await page.addInitScript(() => {
			if (!location.hash.includes('refused')) return;
			navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotAllowedError'));
		});
		await stage.enter(rep, '/record#refused');
		await shows(page.getByRole('alert').getByText('are not allowed for this page'));
		await stage.axe('refused');
	});
	await step('pick, look, keep it', async () => {
		await pick();
		await shows(page.getByText('What was the situation?'));
		await page.getByRole('textbox', { name: 'Title' }).fill('From the camera roll');
		await page
			.getByRole('button', { name: 'Only me' })
			.or(page.getByRole('button', { name: 'Keep it to myself' }))
			.click();
	});
	await step('it arrives whole, seen by nobody else', async () => {
		const video = await until('the video', async () => (await mine()).find((v) => v.title === 'From the camera roll'));
		const bytes = await readFile(path);
		assert.equal(video.sha256, createHash('sha256').update(bytes).digest('hex'));
		assert.equal(video.audience, 'private');
		await shows(page.getByRole('link', { name: 'From the camera roll' }));
	});
	await step('another one, deleted after the look', async () => {
		await page.goto('/record');
		await pick();
		await shows(page.getByText('Sent. It is on the server.'));
		assert.equal((await mine()).length, 2);
		await page.getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('button', { name: 'Delete it' }).click();
		await hides(page.getByText('What was the situation?'));
		await until('it is gone from the server', async () => (await mine()).length === 1);
	});
});
