import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { atRest, mainMenu } from './acts.ts';
import { device, launch } from './browser.ts';
import { shows, until } from './wait.ts';

const base = process.argv[2] ?? 'http://127.0.0.1:8080';
const password = 'halyard demo';
const out = join(import.meta.dirname, '..', '..', '..', 'docs', 'screens');
const work = mkdtempSync(join(tmpdir(), 'fieldreel-pictures-'));
const limit = 120_000;

/** Somebody before the camera, drawn: the fake camera has nobody to show. */
const person = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 1280" width="720" height="1280">
	<defs><linearGradient id="wall" x2="1" y2="1"><stop stop-color="#d8cfb6"/><stop offset="1" stop-color="#7f8a74"/></linearGradient></defs>
	<rect width="720" height="1280" fill="url(#wall)"/>
	<rect x="470" y="120" width="190" height="420" rx="8" fill="#eef2e4" opacity=".75"/><path d="M565 120v420M470 330h190" stroke="#b9b89c" stroke-width="10"/>
	<path d="M60 1280c0-330 110-470 300-470s300 140 300 470z" fill="#2f3c46"/><path d="M300 812l60 96 60-96z" fill="#f4efe4"/>
	<rect x="310" y="690" width="100" height="150" rx="48" fill="#b9805c"/>
	<ellipse cx="360" cy="560" rx="138" ry="176" fill="#c98f69"/>
	<path d="M216 560c-24-190 66-250 150-250 96 0 172 66 138 250-10-96-60-130-96-148-62 26-140 20-168 40-14 34-20 60-24 108z" fill="#2b2019"/>
	<ellipse cx="308" cy="560" rx="13" ry="17" fill="#2b2019"/><ellipse cx="412" cy="560" rx="13" ry="17" fill="#2b2019"/>
	<path d="M300 640c34 42 86 42 120 0" stroke="#7c3f34" stroke-width="11" fill="none" stroke-linecap="round"/>
</svg>`;

async function camera(): Promise<string> {
	const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
	const page = await browser.newPage({ viewport: { width: 720, height: 1280 } });
	await page.setContent(`<style>*{margin:0}</style>${person}`);
	writeFileSync(join(work, 'person.png'), await page.screenshot());
	await browser.close();
	const video = join(work, 'person.mjpeg');
	const from = [
		'-loop',
		'1',
		'-i',
		join(work, 'person.png'),
		'-t',
		'2',
		'-r',
		'30',
		'-pix_fmt',
		'yuvj420p',
		'-q:v',
		'3',
	];
	execFileSync('ffmpeg', ['-loglevel', 'error', '-y', ...from, video]);
	return video;
}

const browser = await launch(camera());

async function as(email: string, on: BrowserContextOptions): Promise<Page> {
	const context = await browser.newContext({
		...on,
		baseURL: base,
		locale: 'en-GB',
		timezoneId: 'Europe/Berlin',
		reducedMotion: 'reduce',
	});
	context.setDefaultTimeout(60_000);
	const page = await context.newPage();
	await page.goto('/signin');
	await page.getByLabel('E-mail').fill(email);
	await page.getByLabel('Password').fill(password);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await shows(mainMenu(page));
	return page;
}

async function save(page: Page, name: string, width: number): Promise<void> {
	await atRest(page);
	const png = join(work, `${name}.png`);
	writeFileSync(png, await page.screenshot());
	const webp = join(out, `${name}.webp`);
	execFileSync('ffmpeg', [
		'-loglevel',
		'error',
		'-y',
		'-i',
		png,
		'-vf',
		`scale=${width}:-2:flags=lanczos`,
		'-c:v',
		'libwebp',
		'-q:v',
		'82',
		webp,
	]);
	const { size } = statSync(webp);
	console.log(`${name}.webp ${(size / 1000).toFixed(0)} kB`);
	if (size > limit) throw new Error(`${name}.webp is too large for a README`);
}

try {
	mkdirSync(out, { recursive: true });
	const rita = await as('rita.rep@demo.example', device.iphone);
	await rita.goto('/search?q=they+say+a+competitor+is+half+the+price');
	await shows(rita.getByRole('article').first());
	await save(rita, 'search', 585);
	await rita.getByRole('article').first().getByRole('link').first().click();
	await until('a picture of the video', () =>
		rita.evaluate(() => (document.querySelector('video')?.currentTime ?? 0) > 0.5),
	);
	await rita.evaluate(() => document.querySelector('video')?.pause());
	await save(rita, 'watch', 585);
	await rita.goto('/record');
	await until('the camera', () => rita.evaluate(() => (document.querySelector('video')?.videoWidth ?? 0) > 0));
	await save(rita, 'record', 585);
	const own = await rita.evaluate(async () => (await fetch('/api/v1/attempts')).json());
	const tried = (own.items as { id: string; decision?: string }[]).find(({ decision }) => decision === 'retry');
	await rita.goto(`/attempts/${tried?.id}`);
	await shows(rita.getByRole('heading', { level: 1 }));
	await save(rita, 'result', 585);
	const marco = await as('marco.manager@demo.example', device.desktop);
	await marco.goto('/reviews');
	await marco.getByRole('link', { name: 'Begin' }).click();
	await until('a picture of the take', () =>
		marco.evaluate(() => (document.querySelector('video')?.currentTime ?? 0) > 3),
	);
	await marco.keyboard.press('g');
	for (const level of ['3', '2']) await marco.keyboard.press(level);
	await marco.evaluate(() => document.querySelector('video')?.pause());
	await save(marco, 'review', 1280);
	const tara = await as('tara.trainer@demo.example', device.desktop);
	await tara.goto('/reports/tactics');
	await shows(tara.getByText('Anchor on cost of delay').filter({ visible: true }).first());
	await save(tara, 'tactics', 1280);
} finally {
	await browser.close();
	rmSync(work, { recursive: true, force: true });
}
