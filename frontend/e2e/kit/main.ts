import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Device, launch } from './browser.ts';
import { Company } from './company.ts';
import { type Outcome, play } from './play.ts';
import { type Site, start } from './site.ts';
import type { Spec } from './spec.ts';

/** As many specs run at once as a small machine plays videos and encodes others meanwhile. */
const lanes = 2;

const folder = join(import.meta.dirname, '..');
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const queue: { spec: Spec; on: Device }[] = [];
for (const file of readdirSync(folder).sort()) {
	if (!file.endsWith('.spec.ts')) continue;
	const { default: specs } = (await import(pathToFileURL(join(folder, file)).href)) as { default: Spec | Spec[] };
	for (const spec of [specs].flat()) {
		for (const on of spec.devices) {
			const name = `${file} ${spec.name} · ${on}`.toLowerCase();
			if (wanted.length === 0 || wanted.some((word) => name.includes(word))) queue.push({ spec, on });
		}
	}
}

let passed = 0;
let failed = 0;
const tell = ({ name, seconds, faults }: Outcome) => {
	const good = faults.length === 0;
	if (good) passed++;
	else failed++;
	console.log(`${good ? 'ok  ' : 'FAIL'} ${name.padEnd(52)} ${seconds.toFixed(1).padStart(6)} s`);
	for (const fault of faults) console.log(fault.replace(/^/gm, '     '));
};

let site: Site | undefined;
try {
	if (queue.length === 0) throw new Error(`no spec has ${wanted.join(' or ')} in its name`);
	if (wanted.length === 0) await rm(join(folder, 'out'), { recursive: true, force: true });
	const began = performance.now();
	site = await start();
	const [company, browser] = await Promise.all([Company.found(site), launch()]);
	console.log(`the company stands on ${site.base} after ${((performance.now() - began) / 1000).toFixed(0)} s`);
	const run = async (lane: typeof queue) => {
		for (let next = lane.shift(); next; next = lane.shift()) tell(await play(next.spec, next.on, browser, company));
	};
	const together = queue.filter(({ spec }) => !spec.alone);
	await Promise.all(Array.from({ length: lanes }, () => run(together)));
	await run(queue.filter(({ spec }) => spec.alone));
	await browser.close();
} catch (thrown) {
	failed++;
	console.log(thrown instanceof Error ? thrown.stack : thrown);
}
if (failed > 0 && site) console.log(`\nthe server's log ends with:\n${site.log()}`);
await site?.stop();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
