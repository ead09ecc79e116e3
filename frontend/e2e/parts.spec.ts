import { spec } from './kit/spec.ts';
import { shows } from './kit/wait.ts';

// Every part of the client stands on one page, in both schemes: what is wrong with a part is found here first.
export default spec('parts', { devices: ['iphone', 'pixel', 'desktop'] }, async ({ page, axe, step }) => {
	await step('open the page of all parts', async () => {
		await page.goto('/parts');
		await shows(page.getByRole('heading', { level: 1 }));
	});
	await axe('all');
});
