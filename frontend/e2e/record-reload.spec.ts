import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { data } from './kit/company.ts';
import { kept, ownVideo, phone, recording, slow } from './kit/phone.ts';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// A slow line, and a thumb that reloads the page while the take is on its way.
export default spec('a take survives a reload', { devices: ['iphone', 'pixel'] }, async (stage) => {
	const { step } = stage;
	const profile = await mkdtemp(join(tmpdir(), 'fieldreel-profile-'));
	const rep = await stage.person('rep');
	const context = await phone(profile, stage, rep);
	try {
		const page = await context.newPage();
		await step('record over a slow line, and share', async () => {
			await slow(page, 40_000);
			await recording(page, 4);
			await page.getByRole('button', { name: 'Stop' }).click();
			await page.getByRole('button', { name: 'With everyone' }).click();
			await shows(page.getByRole('heading', { name: 'On this phone' }));
		});
		const truth = await step('reload on the way', async () => {
			const uploads = () => data(rep.api.GET('/api/v1/uploads'));
			await until('an upload under way', async () => (await uploads()).items.length === 1);
			const here = await kept(page);
			assert.ok(here.size > 100_000, `a take of ${here.size} bytes`);
			await page.reload();
			await shows(page.getByRole('heading', { name: 'On this phone' }));
			await stage.shot('after-reload', page);
			return here;
		});
		await step('it arrives whole, and is shared as was said before the reload', async () => {
			await slow(page, 10e6);
			const { size, sha256 } = await ownVideo(rep);
			assert.deepEqual({ size, sha256 }, truth);
			await until('the audience', async () => (await ownVideo(rep)).audience === 'everyone');
			await until('nothing left on the phone', async () => (await kept(page)).size === 0);
		});
	} finally {
		await context.close();
		await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
	}
});
