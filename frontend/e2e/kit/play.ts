import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { findings } from './axe.ts';
import { type Device, device } from './browser.ts';
import type { Company } from './company.ts';
import { Guard } from './guard.ts';
import { type Site, start } from './site.ts';
import type { Spec, Stage } from './spec.ts';
import { patience } from './wait.ts';

const out = join(import.meta.dirname, '..', 'out');

/** Longest a spec may take. */
const limit = 300_000;

export interface Outcome {
	readonly name: string;
	readonly seconds: number;
	/** Why it failed, a line each; none if it passed. */
	readonly faults: string[];
}

/** Plays a spec on a device in a browser profile of its own. */
export async function play(spec: Spec, on: Device, browser: Browser, company: Company): Promise<Outcome> {
	if (spec.serve.length === 0) return playOn(company.site, spec, on, browser, company);
	const site = await start([...spec.serve]);
	try {
		return await playOn(site, spec, on, browser, company);
	} finally {
		await site.stop();
	}
}

async function playOn(site: Site, spec: Spec, on: Device, browser: Browser, company: Company): Promise<Outcome> {
	const name = `${spec.name} · ${on}`;
	const file = `${spec.name}-${on}`.replace(/[^a-z0-9]+/gi, '-');
	const started = performance.now();
	const guard = new Guard();
	const contexts: BrowserContext[] = [];
	const pages: Page[] = [];
	const steps: string[] = [];
	const since = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
	const faults: string[] = [];
	await mkdir(out, { recursive: true });

	const open = async (size: Device = on) => {
		const context = await browser.newContext({
			...device[size],
			baseURL: site.base,
			locale: 'en-GB',
			timezoneId: 'Europe/Berlin',
			reducedMotion: 'reduce',
			colorScheme: 'light',
			permissions: ['camera', 'microphone', 'clipboard-read', 'clipboard-write'],
		});
		contexts.push(context);
		context.setDefaultTimeout(patience);
		await guard.watch(context, site.base);
		const page = await context.newPage();
		pages.push(page);
		return page;
	};
	const page = await open();
	const picture = (of: Page, what: string) =>
		of.screenshot({ path: join(out, `${file}-${what}.png`), caret: 'initial' });
	const stage: Stage = {
		page,
		device: on,
		site,
		company,
		open,
		person: (role, called) => company.person(role, called),
		async enter(person, path = '/', at = page) {
			const [cookie, value] = person.cookie.split('=') as [string, string];
			await at.context().addCookies([{ name: cookie, value, url: site.base, httpOnly: true, sameSite: 'Lax' }]);
			await at.goto(path);
		},
		async step(what, act) {
			steps.push(`${what}" (begun after ${since()})`);
			const result = await act();
			steps.pop();
			return result;
		},
		async shot(what, at = page) {
			await picture(at, what);
		},
		async axe(what, at = page) {
			for (const colorScheme of ['light', 'dark'] as const) {
				await at.emulateMedia({ colorScheme });
				await picture(at, `${what}-${colorScheme}`);
				const wide = await at.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				if (wide > 0) faults.push(`${what}: the page is ${wide} px wider than the window`);
				for (const found of await findings(at)) faults.push(`${what}, ${colorScheme}: ${found}`);
			}
			await at.emulateMedia({ colorScheme: 'light' });
		},
		allow(status, path) {
			guard.allowed.push({ status, path });
		},
		async network(there) {
			// Requests that were under way fail after the network is back, too.
			guard.offline = true;
			await page.context().setOffline(!there);
		},
	};

	let timer: NodeJS.Timeout | undefined;
	try {
		const late = new Promise<never>((_, reject) => {
			timer = setTimeout(() => reject(new Error(`not done within ${limit / 1000} s`)), limit);
		});
		await Promise.race([spec.play(stage), late]);
	} catch (thrown) {
		const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
		faults.unshift(steps.length > 0 ? `at "${steps.join(' › "')}, failed after ${since()}: ${what}` : what);
	} finally {
		clearTimeout(timer);
	}
	faults.push(...guard.faults);
	if (faults.length > 0) {
		const unanswered = guard.unanswered;
		faults.push(...(await evidence(pages, file)), ...unanswered.map((what) => `no answer yet: ${what}`));
	}
	await Promise.all(contexts.map((context) => context.close()));
	return { name, seconds: (performance.now() - started) / 1000, faults };
}

/** Keeps what the pages looked like, to the eye and to a screen reader, and gives the latter: a log is all that a CI leaves. */
async function evidence(pages: Page[], file: string): Promise<string[]> {
	const trees: string[] = [];
	for (const [i, page] of pages.entries()) {
		const path = join(out, `FAILED-${file}${i > 0 ? `-${i + 1}` : ''}`);
		await page.screenshot({ path: `${path}.png`, timeout: 5000 }).catch(() => undefined);
		const tree = await page
			.locator('body')
			.ariaSnapshot({ timeout: 5000 })
			.catch((why) => `no page: ${why}`);
		const text = `${page.url()}\n\n${tree}\n`;
		await writeFile(`${path}.txt`, text);
		trees.push(text);
	}
	return trees;
}
