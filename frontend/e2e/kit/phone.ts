import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { device as sizes } from './browser.ts';
import { cameraPicture, cameraSound } from './clips.ts';
import { data, type Person, type Schemas } from './company.ts';
import type { Stage } from './spec.ts';
import { until } from './wait.ts';

/** Opens a browser with a profile that outlives it: what a phone keeps between two starts. */
export async function phone(profile: string, stage: Stage, person: Person): Promise<BrowserContext> {
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
export async function slow(page: Page, bytes: number): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const line = { offline: false, latency: 50, downloadThroughput: 1e6, uploadThroughput: bytes };
	await session.send('Network.emulateNetworkConditions', line);
}

/** What the phone keeps of its one take, hashed by the browser and not by the client. */
export function kept(page: Page): Promise<{ size: number; sha256: string }> {
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

/** Opens the camera, starts the recording, and waits until it has gone on for so many seconds. */
export async function recording(page: Page, seconds: number): Promise<void> {
	await page.goto('/record');
	await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
	await page.getByRole('button', { name: 'Start recording' }).click();
	await lasted(page, seconds);
}

/** Waits until the recording has gone on for so many seconds. */
export async function lasted(page: Page, seconds: number): Promise<void> {
	const time = page.getByText(/^0:\d\d$/);
	await until(`${seconds} s recorded`, async () => Number((await time.textContent())?.slice(2)) >= seconds);
}

/** One's only video, once it is there. */
export function ownVideo(person: Person): Promise<Schemas['VideoDTO']> {
	const query = { author: 'me' };
	return until(
		'the video',
		async () => (await data(person.api.GET('/api/v1/videos', { params: { query } }))).items[0],
		30_000,
	);
}
