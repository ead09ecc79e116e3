import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { device as sizes } from './kit/browser.ts';
import { cameraPicture, cameraSound } from './kit/clips.ts';
import { data, type Person } from './kit/company.ts';
import { type Stage, spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// What a phone goes through between the button and the server: a slow line, a reload, a killed browser.

/** Opens a browser with a profile that outlives it. */
async function phone(profile: string, stage: Stage, person: Person): Promise<BrowserContext> {
	const [picture, sound] = await Promise.all([cameraPicture(), cameraSound()]);
	const context = await chromium.launchPersistentContext(profile, {
		...sizes[stage.device],
		executablePath: process.env.FIELDREEL_CHROMIUM ?? '/usr/bin/chromium',
		baseURL: stage.company.site.base,
		locale: 'en-GB',
		timezoneId: 'Europe/Berlin',
		permissions: ['camera', 'microphone'],
		args: [
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
			...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--mute-audio'],
			...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
			...[`--use-file-for-fake-video-capture=${picture}`, `--use-file-for-fake-audio-capture=${sound}`],
		],
	});
	const [name, value] = person.cookie.split('=') as [string, string];
	await context.addCookies([{ name, value, url: stage.company.site.base, httpOnly: true, sameSite: 'Lax' }]);
	return context;
}

/** Lets so many bytes a second leave the phone. */
async function slow(page: Page, bytes: number): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const line = { offline: false, latency: 50, downloadThroughput: 1e6, uploadThroughput: bytes };
	await session.send('Network.emulateNetworkConditions', line);
}

/** The take as the phone keeps it: its bytes, hashed by the browser. */
async function kept(page: Page): Promise<{ size: number; sha256: string }> {
	return page.evaluate(async () => {
		const result = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		const db = await result(indexedDB.open('fieldreel-takes'));
		const pieces = (await result(db.transaction('bytes').objectStore('bytes').getAll())) as ArrayBuffer[];
		db.close();
		const bytes = await new Blob(pieces).arrayBuffer();
		const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
		return { size: bytes.byteLength, sha256: [...hash].map((b) => b.toString(16).padStart(2, '0')).join('') };
	});
}

async function begin(page: Page): Promise<void> {
	await page.goto('/record');
	await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
	await page.getByRole('button', { name: 'Start recording' }).click();
}

async function recordedFor(page: Page, seconds: number): Promise<void> {
	const time = page.getByText(/^0:\d\d$/);
	await until(`${seconds} s recorded`, async () => Number((await time.textContent())?.slice(2)) >= seconds);
}

async function theVideo(rep: Person) {
	const video = await until(
		'the video',
		async () => (await data(rep.api.GET('/api/v1/videos', { params: { query: { author: 'me' } } }))).items[0],
		30_000,
	);
	return video;
}

export default spec('a take survives reload and kill', { devices: ['iphone', 'pixel'] }, async (stage) => {
	const { step } = stage;
	const profile = await mkdtemp(join(tmpdir(), 'fieldreel-profile-'));
	try {
		await step('reload while it is being sent', async () => {
			const rep = await stage.person('rep');
			const context = await phone(join(profile, 'reload'), stage, rep);
			const page = await context.newPage();
			await slow(page, 40_000);
			await begin(page);
			await recordedFor(page, 4);
			await page.getByRole('button', { name: 'Stop' }).click();
			await page.getByRole('button', { name: 'Share with everyone' }).click();
			await shows(page.getByRole('heading', { name: 'On this phone' }));
			await until('an upload under way', async () => {
				const { items } = await data(rep.api.GET('/api/v1/uploads'));
				return items.length === 1;
			});
			const truth = await kept(page);
			assert.ok(truth.size > 100_000, `a take of ${truth.size} bytes`);
			await page.reload();
			await shows(page.getByRole('heading', { name: 'On this phone' }));
			await stage.shot('after-reload', page);
			await slow(page, 10e6);
			const video = await theVideo(rep);
			assert.deepEqual({ size: video.size, sha256: video.sha256 }, truth);
			await until('what was said of it', async () => (await theVideo(rep)).audience === 'everyone');
			await context.close();
		});
		await step('kill the browser in the middle of the recording', async () => {
			const rep = await stage.person('rep');
			const before = await phone(join(profile, 'kill'), stage, rep);
			const page = before.pages()[0] ?? (await before.newPage());
			await slow(page, 40_000);
			await begin(page);
			await recordedFor(page, 5);
			const truth = await kept(page);
			assert.ok(truth.size > 100_000, `a take of ${truth.size} bytes so far`);
			// No farewell: the processes are gone as when the battery is.
			const session = await before.newCDPSession(page);
			await session.send('Browser.crash' as 'Browser.close').catch(() => undefined);
			await before.close().catch(() => undefined);

			const after = await phone(join(profile, 'kill'), stage, rep);
			const again = after.pages()[0] ?? (await after.newPage());
			await again.goto('/mine');
			const video = await theVideo(rep);
			assert.ok(video.size >= truth.size, `${video.size} of at least ${truth.size} bytes arrived`);
			await shows(again.getByRole('link', { name: video.title }));
			await until('nothing left on the phone', async () => (await kept(again)).size === 0);
			await until(
				'it plays',
				async () => {
					const path = { id: video.id };
					const { duration_ms, state } = await data(rep.api.GET('/api/v1/videos/{id}', { params: { path } }));
					return state !== 'processing' && duration_ms >= 3000;
				},
				60_000,
			);
			await after.close();
		});
	} finally {
		await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }); // a killed browser goes on closing files
	}
});
