import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import { data, type Person, type Schemas } from './kit/company.ts';
import { lasted } from './kit/phone.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

/** A rubric of two criteria with observable levels, and a programme of it for one team, open. */
async function launch(trainer: Person, team: string, model: string): Promise<Schemas['ProgrammeDTO']> {
	const level = (points: number, name: string, description: string) => ({ points, name, description });
	const rubric = await data(
		trainer.api.POST('/api/v1/rubrics', {
			body: {
				id: randomUUID(),
				name: 'Rollout pitch',
				criteria: [
					{
						name: 'Starts small',
						description: 'The first step is one that a team can take this week.',
						weight: 2,
						levels: [
							level(0, 'Not there', 'No first step is named.'),
							level(2, 'Named', 'A first step, without who takes it.'),
							level(4, 'Theirs', 'One team, by name.'),
						],
					},
					{
						name: 'Says when',
						description: '',
						weight: 1,
						levels: [level(0, 'Open end', 'No date.'), level(4, 'Dated', 'A date or a number of weeks.')],
					},
				],
			},
		}),
	);
	const made = await data(
		trainer.api.POST('/api/v1/programmes', {
			body: {
				id: randomUUID(),
				name: 'A rollout that takes too long',
				brief: 'They say the rollout takes too long. Answer as you would on the phone, and end with a date.',
				rubric_version_id: rubric.current.id,
				model: { video_id: model },
				target_ms: 8_000,
				answer_types: ['camera'],
				rules: [{ team_id: team, role: 'rep' }],
				due: { kind: 'days', days: 1 },
				attempts_max: 3,
				wait_hours: 0,
				pass: { kind: 'total', percent: 75, level: 1 },
				reviewers: { kind: 'manager' },
				valid_days: 365,
				renew_days: 60,
				must_say: ['one team', 'guaranteed return'],
				must_not_say: ['cheap'],
			},
		}),
	);
	return data(trainer.api.POST('/api/v1/programmes/{id}/open', { params: { path: { id: made.id } } }));
}

/** What the manager decides on the attempt that waits; sent over the API, as their own screens do. */
async function review(
	manager: Person,
	levels: number[],
	decision: 'pass' | 'retry',
	notes: { at_ms: number; kind: 'good' | 'work'; text: string }[],
): Promise<void> {
	const item = await until('a review that waits', async () => {
		const query = { box: 'mine' } as const;
		return (await data(manager.api.GET('/api/v1/reviews', { params: { query } }))).items[0];
	});
	const path = { id: item.id };
	const { rubric, only_criteria } = await data(manager.api.GET('/api/v1/reviews/{id}', { params: { path } }));
	const asked = rubric.criteria.filter(({ id }) => only_criteria.length === 0 || only_criteria.includes(id));
	await data(
		manager.api.POST('/api/v1/reviews/{id}/send', {
			params: { path },
			body: {
				levels: Object.fromEntries(asked.map(({ id }, i) => [id, levels[i] ?? 1])),
				notes: notes.map((note) => ({ id: randomUUID(), voice: false, ...note })),
				decision,
				retry_criteria: decision === 'retry' ? [rubric.criteria[1]?.id ?? ''] : [],
				message: decision === 'retry' ? 'Good start. Now say when.' : 'That is it.',
			},
		}),
	);
}

/** Opens the camera where it is offered, records for so many seconds, and keeps it as practice. */
async function practise(page: Page, seconds: number): Promise<void> {
	await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
	await page.getByRole('button', { name: 'Start recording' }).click();
	await lasted(page, seconds);
	await page.getByRole('button', { name: 'Stop' }).click();
	await page.getByRole('button', { name: 'Keep as practice' }).click();
	await shows(page.getByRole('heading', { name: 'Your takes' }));
}

// Path 6: the rep's side of a certification, from the brief to the certificate that anybody can check.
export default spec('certify', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, step, axe } = stage;
	const rep = await stage.person('rep');
	const [manager, trainer] = [await stage.person('manager'), await stage.person('trainer')];
	const team = await company.team(`Certify ${device} ${rep.id}`, { members: [rep], managers: [manager] });
	const model = company.videos[0];
	assert(model);
	const programme = await launch(trainer, team, model.id);
	const enrolments = async () => (await data(rep.api.GET('/api/v1/enrolments'))).items;
	const part = await until('the enrolment', async () =>
		(await enrolments()).find((one) => one.programme.id === programme.id),
	);
	const own = () => data(rep.api.GET('/api/v1/enrolments/{id}', { params: { path: { id: part.id } } }));
	const take = (n: number) => page.getByRole('article', { name: `Take ${n}` });
	const playing = (ms: number) =>
		until('the video plays from there', () =>
			page.evaluate(
				(at) => [...document.querySelectorAll('video')].some((v) => !v.paused && v.currentTime * 1000 >= at),
				ms,
			),
		);

	await step('the home screen says what is due, and leads there', async () => {
		await stage.enter(rep);
		await page
			.getByRole('link', { name: /A rollout that takes too long/ })
			.first()
			.click();
		await shows(page.getByRole('heading', { name: programme.name }));
		await shows(page.getByText(/Due tomorrow 23:59, in 1 day/));
		await shows(page.getByText('One team, by name.'));
		await atRest(page);
		await axe('asked');
	});
	await step('the model take plays in place', async () => {
		await page.getByRole('button', { name: `Play ${model.title}` }).click();
		await playing(0);
	});
	await step('practise: the length to aim at is said, and nobody is asked who may see it', async () => {
		await page.getByRole('link', { name: 'Practise' }).click();
		await shows(page.getByText('Ready. Aim for 8 seconds.'));
		await until('a live picture', () => page.locator('video').evaluate((v: HTMLVideoElement) => v.videoWidth > 0));
		await page.getByRole('button', { name: 'Start recording' }).click();
		await lasted(page, 8);
		await page.getByRole('button', { name: 'Stop' }).click();
		await shows(page.getByText('Only you see it, and it is deleted after 30 days.'));
		await axe('keep');
		await page.getByRole('button', { name: 'Keep as practice' }).click();
	});
	await step('its counts come by themselves, and lead to their second', async () => {
		await shows(take(1));
		await shows(take(1).getByText(/words a minute/), 120_000);
		await says(take(1), /“one team”\s*said/);
		await says(take(1), /“guaranteed return”\s*(not heard|unclear)/);
		await says(take(1), /Only you see this\. Gone on \d+ \w+/);
		await take(1)
			.getByRole('button', { name: /^Hear “one team” at/ })
			.click();
		const [practice] = (await own()).practices;
		const at = practice?.facts.must_say.find(({ phrase }) => phrase === 'one team')?.at_ms;
		assert(at !== undefined, 'where it was said');
		await playing(Math.max(0, at - 1500));
		await atRest(page);
		await axe('counted');
	});
	const first = (await own()).practices[0]?.video.id;
	assert(first);
	await step('nobody else sees a practice', async () => {
		for (const other of [manager, trainer, company.admin]) {
			const answer: Response = await fetch(`${company.site.base}/api/v1/videos/${first}`, {
				headers: { cookie: other.cookie },
			});
			assert.equal(answer.status, 404, `${other.name} and the practice`);
		}
	});
	await step('once more, and compare', async () => {
		await page.getByRole('link', { name: 'Practise again' }).click();
		await practise(page, 3);
		await shows(take(2));
		await until(
			'both counted',
			async () => (await own()).practices.every(({ facts }) => facts.state === 'ready'),
			120_000,
		);
		await page.getByRole('button', { name: 'Compare takes' }).click();
		await shows(page.getByRole('dialog').getByRole('columnheader', { name: 'Take 2' }));
		await axe('compare');
		await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
	});
	await step('submit the first one, with a note', async () => {
		await take(1)
			.getByRole('button', { name: /^Submit this one/ })
			.click();
		const dialog = page.getByRole('dialog');
		await says(dialog, /Your manager\..*2 attempts left/s);
		await dialog.getByRole('textbox', { name: 'A note for your reviewer' }).fill('Is this the right place to stop?');
		await axe('submit');
		await dialog.getByRole('button', { name: 'Submit it' }).click();
		await hides(dialog);
		await shows(page.getByText(/With your manager for 1 min/));
		assert.equal((await own()).waiting?.attempt_id, (await own()).attempts_list[0]?.id);
	});
	await step('swap it for the other', async () => {
		await says(page.getByText(/You can still swap it/), /(30|29) min left/);
		await page.getByRole('button', { name: /^Swap in this one/ }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Swap it in' }).click();
		await hides(page.getByRole('dialog'));
		await until('the swap', async () => {
			const { attempts_list, practices } = await own();
			return attempts_list[0]?.video?.id !== first && practices.some(({ video }) => video.id === first);
		});
		await atRest(page);
		await axe('waiting');
	});
	await step('the result is told at once, and says what to do', async () => {
		await review(manager, [3, 1], 'retry', [
			{ at_ms: 1_000, kind: 'good', text: 'You begin with their team.' },
			{ at_ms: 2_500, kind: 'work', text: 'Say when: name the week.' },
		]);
		await shows(page.getByText('Your result is here'));
		await page.getByRole('link', { name: 'See the result' }).click();
		await shows(page.getByText('66.7%').or(page.getByText('66.6%')));
		await shows(page.getByText('75% are needed'));
		await shows(page.getByText(/Only this is looked at next time: Says when/));
		await shows(page.getByText('Level 1 of 2: Open end'));
		await page.getByRole('button', { name: 'Play the video before the note at 0:02' }).click();
		await playing(0);
		await atRest(page);
		await axe('result');
		await page.getByRole('button', { name: 'Got it' }).click();
		await shows(page.getByText(/You have read it/));
	});
	await step('say what is not right, and take it back', async () => {
		await page.getByRole('button', { name: 'Something is not right?' }).click();
		await page.getByRole('textbox', { name: 'Your reason' }).fill('I said in two weeks at the end.');
		await axe('dispute');
		await page.getByRole('button', { name: 'Send it' }).click();
		await shows(page.getByText('It is being looked at. Your result stands until then.'));
		await page.getByRole('button', { name: 'Take it back' }).click();
		await shows(page.getByText('Taken back. The result stands.'));
	});
	await step('try again from the note, with its words in view', async () => {
		await page.getByRole('link', { name: /^Try again from here.*0:02/ }).click();
		await shows(page.getByText(`${manager.name} at 0:02: “Say when: name the week.”`));
		await stage.shot('again');
		await practise(page, 4);
		await shows(page.getByText('Once more, on Says when. The rest keeps its level.'));
		await shows(take(3));
		await until('it can be submitted', async () => (await own()).practices[0]?.video.state !== 'processing');
		await take(3)
			.getByRole('button', { name: /^Submit this one/ })
			.click();
		await page.getByRole('button', { name: 'Submit it' }).click();
		await hides(page.getByRole('dialog'));
	});
	await step('passed: the certificate', async () => {
		await review(manager, [2], 'pass', []);
		await shows(page.getByText('Your result is here'));
		await page.getByRole('link', { name: 'See the result' }).click();
		await shows(page.getByText('Kept from the attempt before'));
		await page.getByRole('button', { name: 'Got it' }).click();
		await page.getByRole('link', { name: 'Your certificate' }).click();
		await shows(page.getByRole('heading', { name: programme.name }));
		await axe('certificate');
		const name = page.getByRole('checkbox', { name: /Show my name/ });
		assert.equal(await name.isChecked(), false, 'no name without the holder’s word');
		await page.getByRole('button', { name: /^Copy public link/ }).click();
		await shows(page.getByText(/^Copied\./));
	});
	const [certificate] = (await data(rep.api.GET('/api/v1/certificates', { params: { query: { person: 'me' } } })))
		.items;
	assert(certificate);
	assert.equal(
		await page.evaluate(() => navigator.clipboard.readText()),
		new URL(certificate.check_path, company.site.base).href,
	);
	await step('the PDF', async () => {
		const path = `/api/v1/certificates/${certificate.id}/pdf`;
		const answer = await fetch(company.site.base + path, { headers: { cookie: rep.cookie } });
		assert.match(answer.headers.get('content-type') ?? '', /^application\/pdf/);
		assert.equal(
			Buffer.from(await answer.arrayBuffer())
				.subarray(0, 5)
				.toString(),
			'%PDF-',
		);
	});
	await step('anybody can check it, signed out', async () => {
		const theirs = await stage.open(device);
		const asked: string[] = [];
		theirs.on('request', (request) => {
			const { pathname } = new URL(request.url());
			if (pathname.startsWith('/api/') && pathname !== '/api/v1/me') asked.push(pathname);
		});
		await theirs.goto(certificate.check_path);
		await shows(theirs.getByText('This certificate is valid.'));
		await shows(theirs.getByText('The holder has not made the name public.'));
		assert.equal(await theirs.getByText(rep.name).count(), 0);
		await axe('check', theirs);
		await page.getByRole('checkbox', { name: /Show my name/ }).check();
		await shows(page.getByText('Your name stands on the public page.'));
		await theirs.reload();
		await shows(theirs.getByText(rep.name));
		assert.deepEqual([...new Set(asked)], [`/api/v1/certificates/check/${certificate.check_path.split('/').pop()}`]);
		stage.allow(404, /^\/api\/v1\/certificates\/check\//);
		await theirs.goto('/check/AAAAAAAAAAAAAAAA');
		await shows(theirs.getByText('There is no such certificate'));
		await axe('no-check', theirs);
	});
	await step('revoked, it says so', async () => {
		const path = { id: certificate.id };
		const body = { reason: 'Issued by mistake.' };
		await data(trainer.api.POST('/api/v1/certificates/{id}/revoke', { params: { path }, body }));
		const theirs = await stage.open(device);
		await theirs.goto(certificate.check_path);
		await shows(theirs.getByText('This certificate was revoked. It does not count.'));
	});
	await step('what stands where the list is', async () => {
		await page.goto('/certify');
		await shows(page.getByRole('link', { name: programme.name }));
		await atRest(page);
		await axe('list');
	});
});
