import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { says, shows, until } from './kit/wait.ts';

const words =
	'They asked for a discount. I told them that price is only one line of it, and that over three years the total cost ' +
	'is what they pay. Then I asked what each month of waiting costs them.';

/** What the player does, and at which second. */
export const player = (page: Page) =>
	page.locator('video').evaluate((video: HTMLVideoElement) => ({
		at: video.currentTime,
		plays: !video.paused && video.readyState > 2,
		length: video.duration,
	}));

/** Waits until the video plays and has reached a second. */
export const plays = (page: Page, from = 0) =>
	until(`the video plays behind ${from} s`, async () => {
		const { at, plays } = await player(page);
		return plays && at > from;
	});

// Path 3, from the moment that was found: seen from its second, passed on, kept, used with a deal, noted.
export default spec('watch a moment and act on it', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, step } = stage;
	const [rep, colleague, author] = [await stage.person('rep'), await stage.person('rep'), await stage.person('rep')];
	await company.team(`Watch ${device} ${rep.id}`, { members: [rep, colleague, author] });
	const id = await company.upload(author, await clip(words, 16, '0x2d6d8a'), 'What each month costs');
	await company.change(author, id, { audience: 'team' });
	await company.ready(author, id);
	const path = { path: { id } };
	const moments = (await data(rep.api.GET('/api/v1/videos/{id}/moments', { params: path }))).items;
	const last = moments.at(-1);
	assert(last);
	// The second half of the last moment: a stretch that is not the video's beginning.
	const moment = { start_ms: last.end_ms - 5000, end_ms: last.end_ms - 2500 };
	const external_id = `W-${device}-${rep.id}`;
	await data(
		company.admin.api.PUT('/api/v1/deals/{external_id}', {
			params: { path: { external_id } },
			body: { name: 'Harbour Freight', owner: rep.email, status: 'open', opened_at: new Date().toISOString() },
		}),
	);

	await step('it plays from its second, stops at its end, and plays on', async () => {
		await stage.enter(rep, `/watch/${id}?t=${moment.start_ms}&end=${moment.end_ms}&from=search`);
		await plays(page, moment.start_ms / 1000);
		await shows(page.getByText('That was the moment.'));
		const { at, plays: on } = await player(page);
		assert(!on && at > moment.end_ms / 1000 - 0.3 && at < moment.end_ms / 1000 + 1.5, `stopped at ${at}`);
		await stage.axe('moment');
		await page.getByRole('button', { name: 'Play on' }).click();
		await plays(page, moment.end_ms / 1000);
	});

	await step('a line of the transcript is a jump', async () => {
		const lines = page.getByRole('tabpanel').getByRole('button', { name: /^From/ });
		await shows(lines.first());
		await page.getByLabel('Find in the transcript').fill('total cost');
		await says(page.getByRole('tabpanel').getByRole('status'), '1 line');
		await lines.first().click();
		await until('a second before the moment', async () => (await player(page)).at < moment.start_ms / 1000);
		await page.getByLabel('Find in the transcript').fill('');
		await until('the line that is said', async () => (await lines.and(page.locator('[aria-current]')).count()) === 1);
	});

	await step('share it with a colleague', async () => {
		await page.getByRole('button', { name: 'Share' }).first().click();
		const dialog = page.getByRole('dialog', { name: 'Share' });
		await dialog.getByRole('combobox', { name: 'To' }).fill(colleague.name);
		await dialog.getByRole('option', { name: colleague.name }).first().click();
		await dialog.getByLabel('Message').fill('Listen to the silence.');
		await stage.axe('share');
		await dialog.getByRole('button', { name: 'Send' }).click();
		await shows(page.getByText(`Sent to ${colleague.name}`));
		const { items } = await data(colleague.api.GET('/api/v1/shares', { params: { query: { box: 'received' } } }));
		assert.deepEqual(
			items.map(({ video_id, start_ms, end_ms, message }) => ({ video_id, start_ms, end_ms, message })),
			[{ video_id: id, ...moment, message: 'Listen to the silence.' }],
		);
	});

	await step('save it, think again, save it', async () => {
		const save = page.getByRole('button', { name: 'Save' }).first();
		const saves = async () => (await data(rep.api.GET('/api/v1/saves'))).items;
		await save.click();
		await until('the save', async () => (await saves()).length === 1);
		await page.getByRole('button', { name: 'Undo' }).first().click();
		await until('the save gone', async () => (await saves()).length === 0);
		await save.click();
		const kept = await until('the save again', async () => (await saves())[0]);
		assert.equal(kept.start_ms, moment.start_ms);
		await until('the button says so', async () => (await save.getAttribute('aria-pressed')) === 'true');
	});

	await step('used it with a deal', async () => {
		await page.getByRole('button', { name: 'Used it' }).first().click();
		const dialog = page.getByRole('dialog', { name: 'Used it with a customer' });
		await dialog.getByRole('radio', { name: 'Harbour Freight' }).check();
		await dialog.getByLabel('How did it go?').fill('They asked for a date.');
		await stage.axe('used');
		await dialog.getByRole('button', { name: 'I used it' }).click();
		await shows(page.getByText('It is noted with Harbour Freight.'));
		const uses = (await data(rep.api.GET('/api/v1/uses'))).items;
		assert.equal(uses.length, 1);
		assert.equal(uses[0]?.comment, 'They asked for a date.');
		assert(uses[0]?.deal_id);
	});

	await step('a note at this second; a draft survives a reload', async () => {
		await page.getByRole('button', { name: 'Note here' }).click();
		const field = page.getByRole('textbox', { name: /^Note at/ });
		await field.fill('Half a note');
		assert(!(await player(page)).plays, 'it pauses while one writes');
		await page.reload();
		await page.getByRole('tab', { name: /Notes/ }).click();
		await until('the draft', async () => (await field.inputValue()) === 'Half a note');
		await field.fill('Where do you find that figure?');
		await field.press('Enter');
		await shows(page.getByText('Where do you find that figure?'));
		await until('an empty field', async () => (await field.inputValue()) === '');
		await stage.axe('notes');
		const { items } = await data(rep.api.GET('/api/v1/videos/{id}/notes', { params: path }));
		assert.equal(items.filter(({ mine }) => mine).length, 1);
	});

	await step('what was watched is on the server, and nothing that was jumped over', async () => {
		const { ranges } = await until('the ranges', async () => {
			const progress = await data(rep.api.GET('/api/v1/videos/{id}/progress', { params: path }));
			return progress.ranges.length > 0 && progress.ranges.some(([, to = 0]) => to > moment.start_ms) && progress;
		});
		for (const [from = 0, to = 0] of ranges) assert(from < to);
		const share = ranges.reduce((sum, [from = 0, to = 0]) => sum + to - from, 0);
		assert(share < (await player(page)).length * 1000, 'not all of it');
	});
});
