import assert from 'node:assert/strict';
import { data } from './kit/company.ts';
import { lasted } from './kit/phone.ts';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// A take that is recorded for an ask answers it, as soon as it has arrived and its asker may see it.
export default spec('answer with a take', { devices: ['iphone'] }, async ({ page, person, enter, step, shot }) => {
	const [asker, asked] = [await person('rep'), await person('rep')];
	const text = 'How do you begin a rollout that nobody has time for?';
	await data(asker.api.POST('/api/v1/asks', { body: { to: asked.id, text } }));
	await step('from the ask to the camera, the question in sight', async () => {
		await enter(asked, '/');
		await shows(page.getByText(text));
		await page.getByRole('article').filter({ hasText: text }).getByRole('link', { name: 'Record' }).click();
		await shows(page.getByText(`${asker.name} asks: “${text}”`));
	});
	await step('record it and share it', async () => {
		await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
		await shot('asked');
		await page.getByRole('button', { name: 'Start recording' }).click();
		await lasted(page, 2);
		await page.getByRole('button', { name: 'Stop' }).click();
		await shows(page.getByText(`When you share it, it answers ${asker.name}:`));
		await shot('look');
		await page.getByRole('button', { name: /with everyone/i }).click();
	});
	await step('the ask is answered with it', async () => {
		const answered = await until('the answer', async () => {
			const { items } = await data(asker.api.GET('/api/v1/asks', { params: { query: { box: 'sent' } } }));
			return items.find((one) => one.state === 'answered')?.answer;
		});
		const path = { id: answered.id };
		const video = await data(asker.api.GET('/api/v1/videos/{id}', { params: { path } }));
		assert.equal(video.author.id, asked.id);
		await page.goto('/');
		await shows(page.getByText('What are you facing?'));
		await until('it no longer waits', async () => (await page.getByText(text).count()) === 0);
	});
});
