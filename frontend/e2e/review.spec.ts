import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data, type Person, type Schemas } from './kit/company.ts';
import { lasted } from './kit/phone.ts';
import { type Stage, spec } from './kit/spec.ts';
import { sendPractice } from './kit/taking.ts';
import { says, shows, until } from './kit/wait.ts';
import { player, plays } from './watch.spec.ts';

const words =
	'They said it is too expensive. I told them that price is only one line of it, um, and then I asked what each month of ' +
	'waiting costs them. They named a number, and I waited. Then we agreed on a date for the first step.';

const criterion = (name: string, weight: number) => ({
	name,
	description: `How ${name.toLowerCase()} is done, as one can see it.`,
	weight,
	levels: ['Not there', 'Begun', 'Solid', 'A model for others'].map((level, i) => ({
		points: i,
		name: level,
		description: [
			'Nothing of it can be heard.',
			'It is tried once and dropped when they object.',
			'It is done, in own words, and they answer to it.',
			'It is done so that they say it themselves.',
		][i] as string,
	})),
});

/** A programme of five criteria for a team whose manager reviews. */
async function launch(stage: Stage, reps: Person[]): Promise<Person> {
	const [manager, trainer] = [await stage.person('manager'), await stage.person('trainer')];
	const team = await stage.company.team(`Review ${stage.device} ${manager.id}`, { members: reps, managers: [manager] });
	const names = ['Opening', 'Asks before telling', 'Price in its place', 'Silence', 'Next step'];
	const rubric = await data(
		trainer.api.POST('/api/v1/rubrics', {
			body: {
				id: randomUUID(),
				name: 'Price talk',
				criteria: names.map((name, i) => criterion(name, i === 2 ? 2 : 1)),
			},
		}),
	);
	const made = await data(
		trainer.api.POST('/api/v1/programmes', {
			body: {
				id: randomUUID(),
				name: 'The price talk',
				brief: 'They say it is too expensive.',
				rubric_version_id: rubric.current.id,
				target_ms: 120_000,
				answer_types: ['camera', 'file'],
				rules: [{ team_id: team, role: 'rep' }],
				due: { kind: 'days', days: 3 },
				attempts_max: 3,
				wait_hours: 0,
				pass: { kind: 'total', percent: 60, level: 1 },
				reviewers: { kind: 'manager' },
				must_say: ['what each month costs'],
			},
		}),
	);
	await data(trainer.api.POST('/api/v1/programmes/{id}/open', { params: { path: { id: made.id } } }));
	return manager;
}

/** Sends a file as a practice of one's enrolment and submits it, as the recorder and the screen after it do. */
async function submit(stage: Stage, rep: Person, path: string): Promise<Schemas['AttemptDTO']> {
	const part = await until('the enrolment', async () => (await data(rep.api.GET('/api/v1/enrolments'))).items[0]);
	const video_id = await sendPractice(stage.company, rep, part.id, path);
	await stage.company.ready(rep, video_id);
	return data(
		rep.api.POST('/api/v1/enrolments/{id}/attempts', {
			params: { path: { id: part.id } },
			body: { id: randomUUID(), video_id },
		}),
	);
}

const queue = async (manager: Person) =>
	(await data(manager.api.GET('/api/v1/reviews', { params: { query: { box: 'mine' } } }))).items;
const reviewOf = (manager: Person, id: string) =>
	data(manager.api.GET('/api/v1/reviews/{id}', { params: { path: { id } } }));
const attemptOf = (person: Person, id: string) =>
	data(person.api.GET('/api/v1/attempts/{id}', { params: { path: { id } } }));
const measured = (page: Page, name: string) =>
	page.evaluate((called) => performance.getEntriesByName(called).map(({ duration }) => Math.round(duration)), name);
/** Counts what a finger or a mouse presses; the click that a key makes is none. */
const countClicks = () =>
	addEventListener(
		'click',
		(event) => {
			if (event.detail > 0)
				document.documentElement.dataset.clicks = String(Number(document.documentElement.dataset.clicks ?? 0) + 1);
		},
		{ capture: true },
	);
const clicks = (page: Page) => page.evaluate(() => Number(document.documentElement.dataset.clicks ?? 0));

/** Path 7: a manager finishes five two-minute takes between two calls. */
const byKeys = spec('review by keys', { devices: ['desktop'], alone: true }, async (stage) => {
	const { page, step } = stage;
	const { keyboard } = page;
	const reps = await Promise.all(Array.from({ length: 5 }, () => stage.person('rep')));
	const manager = await launch(stage, reps);
	const file = await clip(words, 120, '0x2d5d8a');
	const attempts = await step('five hand in', () => Promise.all(reps.map((rep) => submit(stage, rep, file))));
	await page.addInitScript(countClicks);
	const status = page.getByText(/^(Draft saved|Saving…|Kept on this device)/);
	const nameOf = () => page.getByRole('heading', { level: 1 }).textContent();

	await step('the queue says what waits', async () => {
		await stage.enter(manager, '/reviews');
		await says(page.getByRole('main'), /5 to review, about \d+ minutes/);
		await atRest(page);
		await stage.axe('queue');
	});
	await step('begin, by keys', async () => {
		const begin = page.getByRole('link', { name: 'Begin' });
		await until('the focus on Begin', async () => {
			await keyboard.press('Tab');
			return begin.evaluate((link) => link === document.activeElement);
		});
		await keyboard.press('Enter');
		await plays(page);
	});
	const first = await nameOf();
	await step('typing pauses and has its second; Enter plays on', async () => {
		await plays(page, 2);
		await keyboard.press('Shift+N');
		await until('it pauses', async () => !(await player(page)).plays);
		const { at } = await player(page);
		await keyboard.type('o rush here, good');
		const box = page.getByRole('textbox', { name: /^Note at/ });
		await until('the words', async () => (await box.inputValue()) === 'No rush here, good');
		await stage.axe('writing');
		await keyboard.press('Enter');
		await plays(page, at);
		const [review] = await queue(manager);
		assert(review);
		const note = await until('the note in the draft', async () => (await reviewOf(manager, review.id)).draft.notes[0]);
		assert(Math.abs(note.at_ms / 1000 - at) < 0.3, `the note stands at ${note.at_ms} ms, the video at ${at} s`);
		assert.equal(note.text, 'No rush here, good');
	});
	await step('keys for the player', async () => {
		const { at } = await player(page);
		await keyboard.press(' ');
		await until('it pauses', async () => !(await player(page)).plays);
		await keyboard.press('l');
		await until('five seconds on', async () => (await player(page)).at > at + 4);
		const on = (await player(page)).at;
		await keyboard.press('.');
		await until('a frame on', async () => {
			const step = (await player(page)).at - on;
			return step > 0.01 && step < 0.1;
		});
		await keyboard.press(',');
		await keyboard.press('j');
		await until('back', async () => (await player(page)).at < on - 4);
		await keyboard.press('>');
		await until('faster', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.playbackRate === 1.5));
		await keyboard.press('<');
		await keyboard.press('?');
		await shows(page.getByRole('dialog', { name: 'Keys of the workplace' }));
		await stage.axe('keys');
		await keyboard.press('Escape');
		await page.getByRole('dialog').waitFor({ state: 'hidden' });
	});
	await step('a mark, its words, and a step back', async () => {
		await keyboard.press('w');
		await shows(page.getByRole('list', { name: 'Notes' }).getByText('Type to say why'));
		await keyboard.press('Shift+T');
		await keyboard.type('he number came late');
		await keyboard.press('Enter');
		await shows(page.getByRole('list', { name: 'Notes' }).getByText('The number came late'));
		await keyboard.press('q');
		await keyboard.press('Control+z');
		await until(
			'two notes',
			async () => (await page.getByRole('list', { name: 'Notes' }).getByRole('listitem').count()) === 2,
		);
	});
	await step('levels by digits, the decision, and what is missing is said', async () => {
		await keyboard.press('p');
		await keyboard.press('Control+Enter');
		await shows(page.getByRole('alert').getByText('5 criteria have no level yet'));
		for (const level of ['3', '4', '3', '2', '3']) await keyboard.press(level);
		await shows(page.getByText(/^66\.6 %|^\d+(\.\d)? %/).first());
		await keyboard.press('ArrowUp');
		await keyboard.press('4');
		await keyboard.press('p');
		await says(status.first(), 'Draft saved');
		await stage.axe('scored');
		const message = await page.getByRole('textbox', { name: /^Message to/ }).inputValue();
		assert.match(message, /you passed\.[\s\S]*To work on:\n– \d:\d\d The number came late[\s\S]*No rush here, good/);
	});
	await step('send; the next one plays', async () => {
		await keyboard.press('Control+Enter');
		await until('the next person', async () => (await nameOf()) !== first);
		await plays(page);
	});
	for (let n = 2; n <= 5; n++) {
		await step(`number ${n}`, async () => {
			const name = await nameOf();
			await keyboard.press('g');
			await keyboard.press('Shift+Y');
			await keyboard.type('ou let them finish');
			await keyboard.press('Enter');
			await plays(page, 0.2);
			for (const level of n === 3 ? ['1', '2', '3', '1', '3'] : ['3', '3', '4', '3', '3']) await keyboard.press(level);
			await keyboard.press(n === 3 ? 'r' : 'p');
			if (n === 3) await stage.axe('retry');
			await keyboard.press('Control+Enter');
			if (n === 5) await shows(page.getByRole('heading', { name: 'Nothing waits for you' }));
			else {
				await until('the next person', async () => (await nameOf()) !== name);
				await plays(page);
			}
		});
	}
	await step('without a click, and each time fast', async () => {
		const [switches, between] = [await measured(page, 'review-switch'), await measured(page, 'review-between')];
		console.log(`     from one take to the next: ${switches.join(', ')} ms; from Send: ${between.join(', ')} ms`);
		assert.equal(await clicks(page), 0);
		// The first is opened from the queue, the others after a send.
		assert(switches.length >= 4 && between.length === 4, `measured ${switches.length} and ${between.length}`);
		for (const ms of switches) assert(ms < 500, `${ms} ms from one take to the next`);
		await stage.axe('done');
	});
	await step('each rep has their result', async () => {
		for (const [i, { id }] of attempts.entries()) {
			const rep = reps[i] as Person;
			const { state, decision, result } = await attemptOf(rep, id);
			assert.equal(state, 'settled');
			assert(decision === 'pass' || decision === 'retry');
			assert((result?.notes.length ?? 0) > 0 && result?.message);
			assert.equal((await data(rep.api.GET('/api/v1/notices'))).items.length, 1);
		}
		const decisions = await Promise.all(
			attempts.map(async ({ id }, i) => (await attemptOf(reps[i] as Person, id)).decision),
		);
		assert.equal(decisions.filter((decision) => decision === 'retry').length, 1);
	});
});

/** What was written is never lost: not by a reload, not without a network, not by another device. */
const drafts = spec('review drafts', { devices: ['desktop'] }, async (stage) => {
	const { page, step, network } = stage;
	const rep = await stage.person('rep');
	const manager = await launch(stage, [rep]);
	await submit(stage, rep, await clip(words, 16, '0x8a5d2d'));
	const review = await until('the review', async () => (await queue(manager))[0]);
	const draft = async () => (await reviewOf(manager, review.id)).draft;
	const notes = page.getByRole('list', { name: 'Notes' });
	await stage.enter(manager, `/reviews/${review.id}`);
	await shows(page.getByRole('heading', { name: rep.name }));

	await step('a reload in the middle of a word', async () => {
		await page.keyboard.press('Shift+H');
		await page.keyboard.type('alf a wor');
		await page.keyboard.press('ArrowLeft'); // the word is typed, nothing is kept by hand
		await page.reload();
		await shows(notes.getByText('Half a wor'));
	});
	await step('no network: it stays here, and sending says so', async () => {
		await shows(page.getByText('Draft saved'));
		await network(false);
		for (const key of ['g', '3', '3', '3', '3', '3', 'p']) await page.keyboard.press(key);
		await shows(page.getByText('Kept on this device; will be saved when you are online.'));
		await page.keyboard.press('Control+Enter');
		await shows(page.getByText('Sending needs the network.').first());
		await stage.axe('offline');
		assert.equal((await draft()).notes.length, 1);
	});
	await step('a closed tab without a network', async () => {
		await page.goto('about:blank');
		await network(true);
		await page.goto(`/reviews/${review.id}`);
		await until('the draft on the server', async () => {
			const { notes: kept, levels, decision } = await draft();
			return kept.length === 2 && Object.keys(levels).length === 5 && decision === 'pass';
		});
		await shows(page.getByText('Draft saved'));
		assert.equal(await notes.getByRole('listitem').count(), 2);
	});
	await step('another device: both are shown, one is chosen', async () => {
		stage.allow(409, /\/draft$/);
		const { version, levels, retry_criteria, message } = await draft();
		await data(
			manager.api.PUT('/api/v1/reviews/{id}/draft', {
				params: { path: { id: review.id } },
				body: { levels, retry_criteria, message, base_version: version, decision: 'fail', notes: [] },
			}),
		);
		await page.keyboard.press('q');
		const dialog = page.getByRole('dialog', { name: 'Two drafts of this review' });
		await shows(dialog);
		await says(dialog, /5 levels, 3 notes,\s+Pass/);
		await says(dialog, /5 levels, 0 notes,\s+Fail/);
		await stage.axe('two-drafts');
		await dialog.getByRole('button', { name: 'Go on with this one' }).click();
		await until('mine on the server', async () => (await draft()).notes.length === 3);
		await page.keyboard.press('Control+Enter');
		await shows(page.getByRole('heading', { name: 'Nothing waits for you' }));
	});
	await step('it stands among the done', async () => {
		await page.getByRole('link', { name: 'Done' }).click();
		await page.getByRole('list', { name: 'Reviews' }).getByRole('link').first().click();
		await shows(page.getByText(/^Sent /).first());
		await stage.axe('sent');
	});
});

/** On a phone: thumbs, a voice note, a reply by video, and the next person. */
const byThumb = spec('review by thumb', { devices: ['iphone'] }, async (stage) => {
	const { page, step } = stage;
	const reps = [await stage.person('rep'), await stage.person('rep')];
	const manager = await launch(stage, reps);
	const file = await clip(words, 16, '0x5d8a2d');
	const attempts = await Promise.all(reps.map((rep) => submit(stage, rep, file)));
	await page.addInitScript(countClicks);
	const level = (name: string) => page.getByRole('button', { name: new RegExp(`^\\d ${name}`) });
	const review = await until('the first', async () => (await queue(manager))[0]);

	await step('the queue', async () => {
		await stage.enter(manager, '/reviews');
		await says(page.getByRole('main'), '2 to review');
		await atRest(page);
		await stage.axe('queue');
		await page.getByRole('link', { name: 'Begin' }).click();
		await plays(page, 0.5);
	});
	await step('a mark, and its words', async () => {
		await page.getByRole('button', { name: 'Good', exact: true }).click();
		await stage.axe('marked');
		await page.getByRole('button', { name: 'Add words' }).click();
		await page.getByRole('textbox', { name: /^Note at/ }).fill('A calm beginning');
		await stage.axe('writing');
		await page.getByRole('button', { name: 'Keep' }).click();
	});
	await step('hold to talk', async () => {
		const talk = page.getByRole('button', { name: 'Hold to talk' });
		const box = await talk.boundingBox();
		assert(box && box.height >= 44);
		await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
		await page.mouse.down();
		await shows(page.getByRole('button', { name: /Let go to keep it 0:01/ }));
		assert(!(await player(page)).plays, 'the video is quiet while one speaks');
		await stage.shot('talking');
		await page.mouse.up();
		const note = await until('the voice note on the server', async () =>
			(await reviewOf(manager, review.id)).draft.notes.find(({ voice }) => voice),
		);
		const path = `/api/v1/reviews/${review.id}/voice/${note.id}`;
		await until('its sound', async () => {
			const sound = await fetch(stage.site.base + path, { headers: { cookie: manager.cookie } });
			return sound.status === 200 && (await sound.arrayBuffer()).byteLength > 1000;
		});
		// Slid away, it is dropped.
		await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
		await page.mouse.down();
		await shows(page.getByRole('button', { name: /Let go to keep it 0:01/ }));
		await page.mouse.move(box.x - 40, box.y - 200, { steps: 4 });
		await shows(page.getByRole('button', { name: /Let go to drop it/ }));
		await page.mouse.up();
		await shows(talk);
		assert.equal((await reviewOf(manager, review.id)).draft.notes.filter(({ voice }) => voice).length, 1);
	});
	await step('reply by video', async () => {
		await page.getByRole('button', { name: 'Question', exact: true }).click();
		await page.getByRole('button', { name: 'Add words' }).click();
		await page.getByRole('button', { name: 'Reply by video' }).click();
		await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
		await page.getByRole('button', { name: 'Start recording' }).click();
		await lasted(page, 2);
		await page.getByRole('button', { name: 'Stop' }).click();
		await page.getByRole('button', { name: 'Use this one' }).click();
		await shows(page.getByRole('heading', { name: /.+/, level: 1 }));
		await shows(page.getByRole('link', { name: 'Your video' }));
		await until('the reply in the draft', async () =>
			(await reviewOf(manager, review.id)).draft.notes.some(({ reply_video_id }) => reply_video_id),
		);
	});
	await step('levels one by one, then the decision', async () => {
		await level('Solid').click();
		await stage.axe('criterion');
		for (let n = 2; n <= 5; n++) await level('A model for others').click();
		await page.getByRole('button', { name: 'Pass', exact: true }).click();
		await atRest(page);
		await stage.axe('decide');
	});
	await step('send; the next one plays', async () => {
		await page.getByRole('button', { name: /^Send/ }).click();
		const before = await clicks(page);
		await until('the next review', () => !page.url().endsWith(review.id) && page.url().includes('/reviews/'));
		await plays(page, 0.2);
		await page.getByRole('button', { name: 'Work on', exact: true }).click();
		assert((await clicks(page)) - before <= 2, 'at most two clicks between people');
		for (let n = 1; n <= 5; n++) await level('Begun').click();
		await page.getByRole('button', { name: 'Retry', exact: true }).click();
		await shows(page.getByRole('group', { name: 'What to try again' }));
		await page.getByRole('button', { name: /^Send/ }).click();
		await shows(page.getByRole('heading', { name: 'Nothing waits for you' }));
		console.log(`     by thumb, from one take to the next: ${(await measured(page, 'review-switch')).join(', ')} ms`);
	});
	await step('both have their results', async () => {
		const all = await Promise.all(attempts.map(({ id }, i) => attemptOf(reps[i] as Person, id)));
		assert.deepEqual(all.map(({ decision }) => decision).sort(), ['pass', 'retry']);
		const passed = all.find(({ decision }) => decision === 'pass');
		assert(passed?.result?.notes.some(({ voice }) => voice));
		assert(passed?.result?.notes.some(({ reply }) => reply));
	});
});

export default [byKeys, drafts, byThumb];
