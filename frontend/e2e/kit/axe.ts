import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page as it stands, one line per element; nothing is the only good answer. */
export async function findings(page: Page): Promise<string[]> {
	if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(source);
	const { violations } = await page.evaluate(async () => {
		const { axe } = window as unknown as { axe: { run(root: Document, options: object): Promise<AxeResults> } };
		return axe.run(document, { resultTypes: ['violations'] });
	});
	return violations.flatMap((rule) =>
		rule.nodes.map((node) => {
			const why = node.failureSummary?.split('\n').slice(1).join(' ').replace(/\s+/g, ' ').trim() ?? '';
			return `axe ${rule.id}: ${node.target.join(' ')} ${why}`;
		}),
	);
}
