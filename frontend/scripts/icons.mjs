// Draws the PNG icons from public/icon.svg, which is the one to change: node scripts/icons.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const dir = join(import.meta.dirname, '..', 'public');
const icon = readFileSync(join(dir, 'icon.svg'), 'utf8');
const square = icon.replace(/rx="\d+"/, 'rx="0"');
// Launchers cut a maskable icon to a circle of 80 % at the least: the drawing goes inside, the ground to the edge.
const maskable = square.replace('viewBox="0 0 64 64"', 'viewBox="-6 -6 76 76" style="background:#16180f"');

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
for (const [name, size, svg] of /** @type {const} */ ([
	['icon-180.png', 180, square], // Apple rounds it itself
	['icon-192.png', 192, icon],
	['icon-512.png', 512, icon],
	['icon-maskable-512.png', 512, maskable],
])) {
	await page.setViewportSize({ width: size, height: size });
	await page.setContent(`<style>*{margin:0}svg{display:block;width:100vw}</style>${svg}`);
	writeFileSync(join(dir, name), await page.screenshot({ omitBackground: true }));
}
await browser.close();
