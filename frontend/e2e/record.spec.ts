import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { says, shows, until } from './kit/wait.ts';

/** Keeps a second copy of what the recorder hands out, to hold against what the server got. */
async function listen(page: Page): Promise<void> {
	await page.addInitScript(() => {
		const parts: Blob[] = [];
		const Original = window.MediaRecorder;
		window.MediaRecorder = class extends Original {
			constructor(stream: MediaStream, options?: MediaRecorderOptions) {
				super(stream, options);
				parts.length = 0;
				this.addEventListener('dataavailable', (event) => parts.push(event.data));
			}
		};
		Object.assign(window, {
			recordedHash: async () => {
				const bytes = await new Blob(parts).arrayBuffer();
				const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
				return { size: bytes.byteLength, sha256: [...hash].map((b) => b.toString(16).padStart(2, '0')).join('') };
			},
		});
	});
}

const recorded = (page: Page): Promise<{ size: number; sha256: string }> =>
	page.evaluate(() =>
		(window as unknown as { recordedHash(): Promise<{ size: number; sha256: string }> }).recordedHash(),
	);

// Path 2: a take right after the call, over a network that goes away in the middle.
export default spec('record and share', { devices: ['iphone', 'pixel', 'desktop'] }, async (stage) => {
	const { page, company, device, network, step } = stage;
	const rep = await stage.person('rep');
	await company.team(`Team of ${rep.name} ${device}`, { members: [rep] });
	await listen(page);
	let taps = 0;
	const tap = async (name: string | RegExp, role: 'button' | 'link' = 'button') => {
		taps++;
		await page.getByRole(role, { name }).and(page.locator(':visible')).first().click();
	};
	await stage.enter(rep);
	await step('the camera', async () => {
		await tap('Record', 'link');
		await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
		await until('sound on the meter', () =>
			page.getByLabel('Sound level').evaluate((m: HTMLMeterElement) => m.value > 0.1),
		);
		await stage.axe('camera');
	});
	await step('record, with the network gone for a while', async () => {
		await tap('Start recording');
		const time = page.getByText(/^0:\d\d$/);
		const at = (s: number) => until(`${s} s`, async () => Number((await time.textContent())?.slice(2)) >= s);
		await at(2);
		await network(false);
		await stage.shot('recording');
		await at(4);
		await network(true);
		await at(6);
		await tap('Stop');
	});
	await step('look', async () => {
		await shows(page.getByText('What was the situation?'));
		await until('the take plays', () =>
			page.locator('video').evaluate((v: HTMLVideoElement) => v.readyState >= 2 && v.videoWidth > 0),
		);
		await stage.axe('look');
	});
	const truth = await recorded(page);
	await step('share', async () => {
		await tap('Share with my team');
		await shows(page.getByRole('heading', { name: 'My videos' }));
	});
	assert.equal(taps, 4, 'taps from anywhere to shared');
	const video = await step('it arrives whole, and is shared', () =>
		until('the video of the take, shared', async () => {
			const { items } = await data(rep.api.GET('/api/v1/videos', { params: { query: { author: 'me' } } }));
			return items.find((v) => v.audience === 'team');
		}),
	);
	assert.deepEqual({ size: video.size, sha256: video.sha256 }, truth);
	await step('it is on the page, and its state in words goes by', async () => {
		await shows(page.getByRole('link', { name: video.title }));
		await until('playable', async () => {
			const path = { id: video.id };
			return (await data(rep.api.GET('/api/v1/videos/{id}', { params: { path } }))).media.progressive;
		});
		await until('nothing is left on the phone', () =>
			page.evaluate(
				() =>
					new Promise((resolve) => {
						const open = indexedDB.open('fieldreel-takes');
						open.onsuccess = () => {
							const count = open.result.transaction('bytes').objectStore('bytes').count();
							count.onsuccess = () => resolve(count.result === 0);
						};
					}),
			),
		);
		await stage.axe('mine');
	});
	await step('say more about it', async () => {
		await page.getByRole('button', { name: `More for ${video.title}` }).click();
		await page.getByRole('link', { name: 'Edit' }).click();
		const title = page.getByRole('textbox', { name: 'Title' });
		await title.fill('They find the rollout slow');
		await page.getByRole('combobox', { name: 'Tactics' }).fill('small');
		await page.getByRole('option', { name: 'small first step' }).first().click();
		await page.getByRole('button', { name: 'Save changes' }).click();
		await says(page.getByRole('status').filter({ hasText: 'Saved' }).first(), 'Saved');
		await stage.axe('edit');
	});
	await step('delete, and bring back', async () => {
		await page.goto('/mine');
		await page.getByRole('button', { name: 'More for They find the rollout slow' }).click();
		await page.getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('button', { name: 'Undo' }).click();
		await shows(page.getByRole('link', { name: 'They find the rollout slow' }));
	});
});
