import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kept, ownVideo, phone, recording, slow } from './kit/phone.ts';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// The battery is empty in the middle of the take. Nobody has pressed stop, and nobody says goodbye.
export default spec('a take survives a killed browser', { devices: ['iphone', 'pixel'] }, async (stage) => {
	const { step } = stage;
	const profile = await mkdtemp(join(tmpdir(), 'fieldreel-profile-'));
	const rep = await stage.person('rep');
	try {
		const truth = await step('kill the browser while it records', async () => {
			const context = await phone(profile, stage, rep);
			const page = await context.newPage();
			await slow(page, 40_000);
			await recording(page, 5);
			const here = await kept(page);
			assert.ok(here.size > 100_000, `a take of ${here.size} bytes so far`);
			const session = await context.newCDPSession(page);
			// The call that crashes has no answer.
			await session.send('Browser.crash' as 'Browser.close').catch(() => undefined);
			await context.close().catch(() => undefined);
			return here;
		});
		await step('the next start finds it and sends it by itself', async () => {
			const context = await phone(profile, stage, rep);
			const page = await context.newPage();
			await page.goto('/mine');
			const video = await ownVideo(rep);
			assert.ok(video.size >= truth.size, `${video.size} of at least ${truth.size} bytes arrived`);
			await shows(page.getByRole('link', { name: video.title }));
			await until('nothing left on the phone', async () => (await kept(page)).size === 0);
			const plays = async () => {
				const { state, duration_ms } = await ownVideo(rep);
				return state !== 'processing' && duration_ms >= 3000;
			};
			await until('it plays, as far as it was recorded', plays, 60_000);
			await context.close();
		});
	} finally {
		// A killed browser goes on closing files.
		await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
	}
});
