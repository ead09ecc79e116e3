// Fails the build where the first load or a screen's own code outgrows its budget (design, section 5): gzip, in bytes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const dist = join(import.meta.dirname, '..', 'dist');
const budget = { js: 40_000, css: 6_000, screen: 25_000 };
// Loaded only where a browser cannot play HLS itself.
const apart = /hls/;

const manifest = JSON.parse(readFileSync(join(dist, 'assets/manifest.json'), 'utf8'));
const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

/** The files that a manifest entry loads with itself. */
function closure(key, seen = new Set()) {
	if (seen.has(key)) return seen;
	seen.add(key);
	for (const next of manifest[key].imports ?? []) closure(next, seen);
	return seen;
}
/** What is there already whenever an entry is asked for: all that those have loaded who ask for it. */
function there(key) {
	const askers = Object.keys(manifest).filter((other) => manifest[other].dynamicImports?.includes(key));
	const [some = first, ...others] = askers.map((asker) => closure(asker));
	return new Set([...first, ...[...some].filter((part) => others.every((other) => other.has(part)))]);
}
const total = (keys) => {
	const js = new Set();
	const css = new Set();
	for (const key of keys) {
		js.add(manifest[key].file);
		for (const file of manifest[key].css ?? []) css.add(file);
	}
	const sum = (set) => [...set].reduce((bytes, file) => bytes + size(file), 0);
	return { js: sum(js), css: sum(css) };
};

const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
const first = closure(entry);
const home = Object.keys(manifest).find((key) => key.endsWith('features/home/Home.svelte'));
const opening = new Set([...first, ...(home ? closure(home) : [])]);
let failed = false;
const report = (what, bytes, limit) => {
	const over = bytes > limit;
	failed ||= over;
	console.log(
		`${over ? 'OVER ' : '     '}${what.padEnd(48)} ${(bytes / 1000).toFixed(1).padStart(6)} of ${(limit / 1000).toFixed(0)} kB`,
	);
};
const load = total(opening);
report('first load, scripts (home screen included)', load.js, budget.js);
report('first load, styles', load.css, budget.css);
for (const key of Object.keys(manifest)
	.filter((key) => manifest[key].isDynamicEntry && !apart.test(key))
	.sort()) {
	const before = there(key);
	const own = total([...closure(key)].filter((part) => !before.has(part)));
	report(`${key.replace(/^src\//, '')}, own code and styles`, own.js + own.css, budget.screen);
}
if (failed) process.exit(1);
