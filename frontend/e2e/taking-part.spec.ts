import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { lasted } from './kit/phone.ts';
import { spec } from './kit/spec.ts';
import { enrolment, launch, practise, review, rubric, submit } from './kit/taking.ts';
import { hides, says, shows, until } from './kit/wait.ts';

const spoken = 'We start with one team. In two weeks you see the first result.';
const first = () => clip(spoken, 5, '0x8f6a2a');
const second = () => clip('One team, on Monday. In two weeks you have a number.', 5, '0x2a6a8f');

/** Picks a file where the camera would be, and keeps it as practice. */
async function pickFile(page: Page, path: string): Promise<void> {
	await shows(page.getByRole('button', { name: 'Pick a file' }));
	await page.locator('input[type=file]').setInputFiles(path);
	await page.getByRole('button', { name: 'Keep as practice' }).click();
	await shows(page.getByRole('heading', { name: 'Your takes' }));
}

const plays = (page: Page, ms: number) =>
	until(`a video plays past ${ms} ms`, () =>
		page.evaluate(
			(from) => [...document.querySelectorAll('video')].some((v) => !v.paused && v.currentTime * 1000 >= from),
			ms,
		),
	);

/** A rep's answer that is no camera: a screen that is talked over, a file from elsewhere. */
const byFileAndScreen = spec('answer by file and screen', { devices: ['desktop', 'iphone'] }, async (stage) => {
	const { page, company, device, step, axe, shot } = stage;
	const [rep, manager, trainer] = await Promise.all([
		stage.person('rep'),
		stage.person('manager'),
		stage.person('trainer'),
	]);
	const team = await company.team(`Answers ${device}`, { members: [rep], managers: [manager] });
	const { current } = await rubric(trainer, `Screen demo ${device}`);
	const programme = await launch(trainer, {
		name: `Show it on the screen, ${device}`,
		rubric_version_id: current.id,
		answer_types: ['screen', 'file'],
		rules: [{ team_id: team, role: 'rep' }],
	});
	const part = await enrolment(rep, programme.id);
	const own = () => data(rep.api.GET('/api/v1/enrolments/{id}', { params: { path: { id: part.id } } }));
	const take = (n: number) => page.getByRole('article', { name: `Take ${n}` });
	const practices = async () => (await own()).practices;

	await step('a screen is chosen and talked over; a phone says that it has none to show', async () => {
		await stage.enter(rep, `/certify/${part.id}`);
		await shows(page.getByRole('heading', { name: programme.name }));
		await page.getByRole('link', { name: 'Practise' }).click();
		if (device === 'iphone') {
			await shows(page.getByText(/this device cannot make one/));
			assert.equal(await page.getByRole('button', { name: 'Choose a screen' }).count(), 0);
			await axe('no-screen');
			await pickFile(page, await second());
			return;
		}
		await shows(page.getByText('Show a window, and talk over it.'));
		await axe('which-screen');
		await page.getByRole('button', { name: 'Choose a screen' }).click();
		await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
		await page.getByRole('button', { name: 'Start recording' }).click();
		await lasted(page, 3);
		await shot('screen');
		await page.getByRole('button', { name: 'Stop' }).click();
		await shows(page.getByText('Only you see it, and it is deleted after 30 days.'));
		await axe('keep');
		await page.getByRole('button', { name: 'Keep as practice' }).click();
	});
	await step('the next one is a file', async () => {
		await shows(take(1));
		await page.getByRole('link', { name: 'Practise again' }).click();
		await pickFile(page, await first());
		await shows(take(2));
		await until('both play', async () => {
			const takes = await practices();
			return takes.length === 2 && takes.every(({ video }) => !['processing', 'failed'].includes(video.state));
		});
		const wide = (await practices()).map(({ video }) => video.width > video.height);
		assert.deepEqual(
			wide,
			device === 'desktop' ? [false, true] : [false, false],
			'the screen is wide, the file upright',
		);
	});
	const [file, other] = (await practices()).map(({ video }) => video.id);
	assert(file && other);
	await step('submit the file, with a note at its second', async () => {
		await take(2)
			.getByRole('button', { name: /^Submit this one/ })
			.click();
		const dialog = page.getByRole('dialog');
		await dialog.getByRole('button', { name: 'Play take 2' }).click();
		await plays(page, 2_000);
		await dialog.getByRole('textbox', { name: 'A note for your reviewer' }).fill('Here I was not sure.');
		await says(dialog, /Your note stands at 0:0[2345]/);
		await axe('note');
		await dialog.getByRole('button', { name: 'Submit it' }).click();
		await hides(dialog);
		const [attempt] = (await own()).attempts_list;
		assert.equal(attempt?.note?.text, 'Here I was not sure.');
		assert(attempt.note.at_ms >= 2_000, `at ${attempt.note.at_ms} ms`);
	});
	await step('swap it, and the note goes with its take', async () => {
		await says(page.getByText(/You can still swap it/), /(30|29) min left/);
		await take(1)
			.getByRole('button', { name: /^Swap in this one/ })
			.click();
		const dialog = page.getByRole('dialog');
		await shows(dialog.getByText(/in place of the one you submitted/));
		await shows(dialog.getByText(/The note that you wrote goes with that take/));
		await axe('swap');
		await dialog.getByRole('button', { name: 'Swap it in' }).click();
		await hides(dialog);
		await until('the swap', async () => (await own()).attempts_list[0]?.video?.id === other);
		assert.equal((await own()).attempts_list[0]?.note, undefined);
		await shows(take(1).getByText('Submitted', { exact: true }));
	});
	await step('half an hour later it is as it is', async () => {
		const later = await stage.open();
		await later.clock.setSystemTime(Date.now() + 31 * 60_000);
		await stage.enter(rep, `/certify/${part.id}`, later);
		await shows(later.getByText('It can no longer be swapped.'));
		assert.equal(await later.getByRole('button', { name: /^Swap in/ }).count(), 0);
		await atRest(later);
		await shot('too-late', later);
	});
	await step('the result, and its notes open early', async () => {
		const [attempt] = (await own()).attempts_list;
		await review(manager, attempt?.id ?? '', {
			levels: [3, 1],
			decision: 'retry',
			message: 'The first step is theirs. Now name the week.',
			notes: [
				{ at_ms: 500, kind: 'good', text: 'One team: they can do that.' },
				{ at_ms: 2_000, kind: 'question', text: 'By when?' },
			],
		});
		await page.getByRole('link', { name: 'See the result' }).click();
		await shows(page.getByText('The first step is theirs. Now name the week.'));
		const again = page.getByRole('link', { name: /^Try again from here/ });
		await shows(again.first());
		assert.equal(await again.count(), 1, 'not from what was good');
		await page.getByRole('button', { name: 'Play the video before the note at 0:02' }).click();
		await plays(page, 0);
		await atRest(page);
		await axe('result');
		await page.getByRole('button', { name: 'Got it' }).click();
		await shows(page.getByText(/You have read it/));
		assert.equal((await own()).last?.acknowledged, true);
	});
	await step('try again from the question, by file', async () => {
		await page.getByRole('link', { name: /^Try again from here.*0:02/ }).click();
		await shows(page.getByText(`${manager.name} at 0:02: “By when?”`));
		await axe('again');
		await pickFile(page, await second());
		await shows(take(3));
		await shows(page.getByText('Once more, on Says when. The rest keeps its level.'));
		await atRest(page);
		await axe('again-taken');
	});
});

/** A certificate that ends is renewed, and the old one says so to whoever checks it. */
const renewal = spec('renew a certificate', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, step, axe } = stage;
	const [rep, manager, trainer] = await Promise.all([
		stage.person('rep'),
		stage.person('manager'),
		stage.person('trainer'),
	]);
	const team = await company.team(`Renewals ${device}`, { members: [rep], managers: [manager] });
	const { current } = await rubric(trainer, `Renewed ${device}`);
	const programme = await launch(trainer, {
		name: `Answer on the rollout, ${device}`,
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
		valid_days: 30,
		renew_days: 30,
	});
	const certificates = async () =>
		(await data(rep.api.GET('/api/v1/certificates', { params: { query: { person: 'me' } } }))).items;
	const passes = { levels: [3, 2], decision: 'pass' } as const;
	await review(manager, (await submit(company, rep, programme.id, await first())).id, passes);
	const [old] = await certificates();
	assert(old);

	await step('what ends is said where one certifies, and the way on', async () => {
		await stage.enter(rep, '/certify');
		await shows(page.getByText(/Your certificate ends on/));
		await page.getByRole('link', { name: programme.name }).click();
		await shows(page.getByText(/You can renew it now/));
		await atRest(page);
		await axe('ends');
		await page.getByRole('button', { name: 'Renew' }).click();
		await shows(page.getByText('Not started', { exact: true }));
		await shows(page.getByText(/Due .* in (29|30) days/));
		await atRest(page);
		await axe('begun-anew');
	});
	await step('record it once more, and hand it in', async () => {
		await page.getByRole('link', { name: /^Practise/ }).click();
		await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
		await page.getByRole('button', { name: 'Start recording' }).click();
		await lasted(page, 3);
		await page.getByRole('button', { name: 'Stop' }).click();
		await page.getByRole('button', { name: 'Keep as practice' }).click();
		const button = page.getByRole('button', { name: /^Submit this one/ });
		await shows(button);
		await until('it can be submitted', () => button.isEnabled());
		await button.click();
		await page.getByRole('dialog').getByRole('button', { name: 'Submit it' }).click();
		await hides(page.getByRole('dialog'));
		assert.equal((await certificates()).length, 1, 'nothing is certified yet');
		const { waiting } = await enrolment(rep, programme.id);
		await review(manager, waiting?.attempt_id ?? '', passes);
	});
	await step('passed: the old one is replaced, the new one counts', async () => {
		await page.getByRole('link', { name: 'See the result' }).click();
		await page.getByRole('button', { name: 'Got it' }).click();
		await page.getByRole('link', { name: 'Your certificate' }).click();
		await shows(page.getByText('Replaced by a newer one'));
		assert.equal(await page.getByRole('article').count(), 2);
		await atRest(page);
		await axe('certificates');
	});
	const now = (await certificates()).find(({ state }) => state !== 'replaced');
	assert(now && now.id !== old.id);
	const card = page.getByRole('article').filter({ hasText: now.number });
	await step('take it home as a PDF', async () => {
		const [saved] = await Promise.all([
			page.waitForEvent('download'),
			card.getByRole('link', { name: /^PDF/ }).click(),
		]);
		const bytes = await readFile(await saved.path());
		assert.equal(saved.suggestedFilename(), `${now.number}.pdf`);
		assert.equal(bytes.subarray(0, 5).toString(), '%PDF-');
		assert(bytes.length > 1024, `${bytes.length} bytes`);
		const path = `${company.site.base}/api/v1/certificates/${now.id}/pdf`;
		const answer = await fetch(path, { headers: { cookie: rep.cookie } });
		assert.equal(answer.headers.get('content-type'), 'application/pdf');
	});
	const public_ = await stage.open();
	await step('whoever has its address sees that it holds, and the name if the holder says so', async () => {
		await public_.goto(now.check_path);
		await shows(public_.getByText('This certificate is valid.'));
		await shows(public_.getByText('The holder has not made the name public.'));
		assert.equal(await public_.getByText(rep.name).count(), 0);
		await axe('check', public_);
		await card.getByRole('checkbox', { name: /Show my name/ }).check();
		await shows(page.getByText('Your name stands on the public page.'));
		await public_.reload();
		await shows(public_.getByText(rep.name));
		await public_.goto(old.check_path);
		await shows(public_.getByText('This certificate was replaced by a newer one.'));
		assert.equal(await public_.getByText(rep.name).count(), 0, 'the old one keeps its own choice');
		await axe('check-replaced', public_);
	});
	const desk = await stage.open();
	await step('a trainer takes it back, from the attempt that gave it', async () => {
		await stage.enter(trainer, `/programmes/${programme.id}`, desk);
		await desk
			.getByRole('row')
			.filter({ hasText: rep.name })
			.getByRole('link', { name: /100%\s+pass/ })
			.click();
		const given = desk.getByRole('region', { name: 'Certificate' });
		await shows(given.getByText(now.number));
		await atRest(desk);
		await axe('given', desk);
		await given.getByRole('button', { name: 'Revoke' }).click();
		const dialog = desk.getByRole('dialog');
		await says(dialog, new RegExp(`${rep.name} is told`));
		assert.equal(await dialog.getByRole('button', { name: 'Revoke it' }).isDisabled(), true);
		await dialog.getByRole('textbox', { name: 'Reason' }).fill('It was said by somebody else.');
		await axe('revoke', desk);
		await dialog.getByRole('button', { name: 'Revoke it' }).click();
		await hides(dialog);
		await shows(given.getByText('Revoked: It was said by somebody else.'));
		await hides(given.getByRole('button', { name: 'Revoke' }));
	});
	await step('the check page and the holder say so', async () => {
		await public_.goto(now.check_path);
		await shows(public_.getByText('This certificate was revoked. It does not count.'));
		assert.equal(await public_.getByText('It was said by somebody else.').count(), 0, 'the reason is the holder’s');
		await axe('check-revoked', public_);
		await page.reload();
		await says(card, /Revoked: It was said by somebody else\./);
		await atRest(page);
		await axe('certificate-revoked');
	});
});

/** What others did is not in the way of one's own words: hidden until one has shown one's own. */
const others = spec('others’ takes', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, step, axe } = stage;
	const [rep, colleague, manager, trainer] = await Promise.all([
		stage.person('rep'),
		stage.person('rep'),
		stage.person('manager'),
		stage.person('trainer'),
	]);
	const team = await company.team(`Peers ${device}`, { members: [rep, colleague], managers: [manager] });
	const { current } = await rubric(trainer, `Peers ${device}`);
	const programme = await launch(trainer, {
		name: `In your own words, ${device}`,
		rubric_version_id: current.id,
		rules: [{ team_id: team, role: 'rep' }],
		peers: 'after',
	});
	const shown = await submit(company, colleague, programme.id, await first());
	await review(manager, shown.id, { levels: [3, 2], decision: 'pass' });
	const part = await enrolment(rep, programme.id);
	const peers = page.getByRole('region', { name: 'How others did it' });
	const path = { id: programme.id };

	await step('before one’s own take: hidden, and when they come', async () => {
		await stage.enter(rep, `/certify/${part.id}`);
		await says(peers, 'You can watch takes of colleagues that passed once you have submitted one of yours.');
		assert.equal(await page.getByText(colleague.name).count(), 0);
		assert.deepEqual((await data(rep.api.GET('/api/v1/programmes/{id}/takes', { params: { path } }))).items, []);
		const refused = await rep.api.POST('/api/v1/attempts/{id}/open', { params: { path: { id: shown.id } } });
		assert.equal(refused.response.status, 404);
		await atRest(page);
		await peers.scrollIntoViewIfNeeded();
		await axe('hidden');
	});
	await step('after it: there, and one plays', async () => {
		await practise(company, rep, part.id, await second());
		await page.reload();
		await page.getByRole('button', { name: /^Submit this one/ }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Submit it' }).click();
		await hides(page.getByRole('dialog'));
		await says(peers, new RegExp(`Now that you have shown yours[\\s\\S]*${colleague.name}`));
		await atRest(page);
		await peers.scrollIntoViewIfNeeded();
		await axe('there');
		await peers.getByRole('button', { name: /^Watch/ }).click();
		await shows(page.getByRole('heading', { level: 1 }));
		await page.waitForURL(/\/watch\//);
		const play = page.getByRole('button', { name: 'Play', exact: true }).first();
		await shows(page.locator('video'));
		if (await page.locator('video').evaluate((v: HTMLVideoElement) => v.paused)) await play.click();
		await plays(page, 200);
		await atRest(page);
		await axe('watched');
	});
});

export default [byFileAndScreen, renewal, others];
