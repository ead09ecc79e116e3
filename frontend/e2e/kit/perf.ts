// What a phone on a bad network waits for: Pixel 7, 150 ms, 1.6 Mbit/s down, 0.75 up, a CPU four times slower, an empty
// cache and a session. Each figure is the median of five loads; a page's two budgets are those of the design.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { device, launch } from './browser.ts';
import { Company, type Person } from './company.ts';
import { start } from './site.ts';
import { until } from './wait.ts';

const rounds = 5;
const budget = { lcp: 1800, tbt: 200 };

interface Load {
	/** First and largest paint, and the main thread's blocking time (tasks beyond 50 ms), in ms. */
	fcp: number;
	lcp: number;
	tbt: number;
	/** On the wire, in bytes, with headers. */
	scripts: number;
	styles: number;
	everything: number;
	requests: number;
}

/** Figures that the page gathers about itself. */
interface Marks {
	lcp: number;
	tbt: number;
	last: number;
}

async function load(browser: Browser, base: string, person: Person, path: string): Promise<Load> {
	const context = await browser.newContext({ ...device.pixel, baseURL: base });
	try {
		const [name, value] = person.cookie.split('=') as [string, string];
		await context.addCookies([{ name, value, url: base }]);
		await context.addInitScript(() => {
			const marks: Marks = { lcp: 0, tbt: 0, last: 0 };
			Object.assign(window, { marks });
			new PerformanceObserver((list) => {
				for (const entry of list.getEntries()) {
					marks.lcp = entry.startTime;
					marks.last = performance.now();
				}
			}).observe({ type: 'largest-contentful-paint', buffered: true });
			new PerformanceObserver((list) => {
				for (const entry of list.getEntries()) {
					marks.tbt += Math.max(0, entry.duration - 50);
					marks.last = performance.now();
				}
			}).observe({ type: 'longtask', buffered: true });
		});
		const page = await context.newPage();
		const cdp = await context.newCDPSession(page);
		await cdp.send('Network.enable');
		await cdp.send('Network.emulateNetworkConditions', {
			offline: false,
			latency: 150,
			downloadThroughput: 1.6e6 / 8,
			uploadThroughput: 0.75e6 / 8,
		});
		await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 });
		const kinds = new Map<string, string>();
		const bytes: Record<string, number> = {};
		let requests = 0;
		let everything = 0;
		cdp.on('Network.responseReceived', ({ requestId, type }) => {
			kinds.set(requestId, type);
		});
		cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
			const kind = kinds.get(requestId);
			if (!kind) return;
			requests++;
			everything += encodedDataLength;
			bytes[kind] = (bytes[kind] ?? 0) + encodedDataLength;
		});
		await page.goto(path);
		// Done when nothing larger was painted and nothing blocked for two seconds.
		const marks = await until(
			'rest',
			async () => {
				const [seen, now] = await page.evaluate(
					() => [(window as unknown as { marks: Marks }).marks, performance.now()] as const,
				);
				return seen.lcp > 0 && now - seen.last > 2000 && seen;
			},
			30_000,
		);
		const fcp = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0);
		const { Script: scripts = 0, Stylesheet: styles = 0 } = bytes;
		return { fcp, lcp: marks.lcp, tbt: marks.tbt, scripts, styles, everything, requests };
	} finally {
		await context.close();
	}
}

const median = (loads: Load[], of: keyof Load) =>
	loads.map((one) => one[of]).sort((a, b) => a - b)[Math.floor(loads.length / 2)] ?? 0;
const ms = (value: number, limit?: number) => `${value.toFixed(0)}${limit && value > limit ? ' **over**' : ''}`;
const kb = (value: number) => (value / 1000).toFixed(1);

const site = await start();
const browser = await launch();
try {
	const company = await Company.found(site);
	const rep = await company.person('rep');
	const pages = [
		['home', '/'],
		['search, with results', '/search?q=they+say+Northwind+is+half+the+price'],
		['watch', `/watch/${company.videos[0]?.id}`],
	] as const;
	const lines = [
		'# The web client under throttling',
		'',
		`Pixel 7, 150 ms, 1.6 Mbit/s down, CPU 4 times slower, empty cache, signed in; median of ${rounds} loads. Budget: largest paint`,
		`${budget.lcp} ms, blocking time ${budget.tbt} ms. Made by \`make bench-web\` on ${cpus().length} cores, load average ${loadavg()[0]?.toFixed(1)} at the start.`,
		'',
		'| page | first paint, ms | largest paint, ms | blocking, ms | scripts, kB on the wire | styles, kB | everything, kB | requests |',
		'|---|---|---|---|---|---|---|---|',
	];
	for (const [name, path] of pages) {
		const loads: Load[] = [];
		for (let i = 0; i < rounds; i++) loads.push(await load(browser, site.base, rep, path));
		const of = (figure: keyof Load) => median(loads, figure);
		lines.push(
			`| ${name} | ${ms(of('fcp'))} | ${ms(of('lcp'), budget.lcp)} | ${ms(of('tbt'), budget.tbt)} | ${kb(of('scripts'))} | ${kb(of('styles'))} | ${kb(of('everything'))} | ${of('requests')} |`,
		);
		console.log(lines.at(-1));
	}
	writeFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'benchmarks-web.md'), `${lines.join('\n')}\n`);
} finally {
	await browser.close();
	await site.stop();
}
process.exit(0);
