import assert from 'node:assert/strict';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';
import { player, plays } from './watch.spec.ts';

const words =
	'They had no time for a pilot. I asked which one number would change their mind, and then I waited until they named it.';

// Path 4: a manager goes through what the team recorded and writes notes by keys; the rep is told and sees them there.
export default spec('a manager notes, the rep sees it', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, step } = stage;
	const [rep, manager] = [await stage.person('rep'), await stage.person('manager')];
	await company.team(`Notes ${device} ${rep.id}`, { members: [rep], managers: [manager] });
	const file = await clip(words, 14, '0x6d3d8a');
	const first = await company.upload(rep, file, 'Second take');
	await company.change(rep, first, { audience: 'line' });
	await company.ready(rep, first);
	const id = await company.upload(rep, file, 'One number that changes their mind');
	await company.change(rep, id, { audience: 'line' });
	await company.ready(rep, id);
	const notes = async () => (await data(rep.api.GET('/api/v1/videos/{id}/notes', { params: { path: { id } } }))).items;
	const field = page.getByRole('textbox', { name: /^Note at/ });

	await step('what waits', async () => {
		await stage.enter(manager, '/team');
		await shows(page.getByRole('heading', { name: 'Waits for your note' }));
		await stage.axe('team');
		await page.getByRole('link', { name: 'Watch them in a row' }).click();
		await plays(page, 2); // long enough to count as watched
	});

	await step('a key writes a note: it pauses, Enter sends and plays on', async () => {
		if (device === 'desktop') await page.keyboard.press('c');
		else await page.getByRole('button', { name: 'Note here' }).click();
		await until('it pauses', async () => !(await player(page)).plays);
		const { at } = await player(page);
		await field.fill('You waited. That is the whole trick.');
		await field.press('Enter');
		const note = await until('the note', async () => (await notes())[0]);
		assert(Math.abs(note.at_ms / 1000 - at) < 0.3, `the note stands at ${note.at_ms} ms, the video at ${at} s`);
		assert.equal(note.author.id, manager.id);
		await plays(page, at);
	});

	await step('a quick label', async () => {
		if (device === 'desktop') {
			await page.keyboard.press('w');
			await until('the field', () => field.evaluate((element) => element === document.activeElement));
			await page.keyboard.type('name the number sooner');
		} else {
			await page.getByRole('button', { name: 'Work on this' }).click();
			await field.pressSequentially('name the number sooner');
		}
		await stage.axe('writing');
		await field.press('Enter');
		await until('the second note', async () =>
			(await notes()).some(({ text }) => text === 'Work on this: name the number sooner'),
		);
	});

	await step('the next one is offered, and already there', async () => {
		await page.getByRole('link', { name: 'Next', exact: true }).click();
		await shows(page.getByRole('heading', { name: 'Second take' }));
		await plays(page);
	});

	await step('the rep is told, and sees it at its second', async () => {
		const theirs = await stage.open(device);
		// Where it begins to play is noted by the page itself: on a busy machine it has long gone on when we ask.
		await theirs.addInitScript(() => {
			const began = (event: Event) => {
				document.documentElement.dataset.began ??= String((event.target as HTMLVideoElement).currentTime);
			};
			document.addEventListener('playing', began, { capture: true });
		});
		await stage.enter(rep, '/notices', theirs);
		await theirs
			.getByRole('link', { name: /You waited/ })
			.first()
			.click();
		await shows(theirs.getByRole('tab', { name: /Notes/, selected: true }));
		await shows(theirs.getByRole('tabpanel').getByText('You waited. That is the whole trick.'));
		const note = (await notes()).find(({ text }) => text.startsWith('You waited'));
		assert(note);
		await until('shortly before the note', async () => {
			const began = await theirs.evaluate(() => document.documentElement.dataset.began);
			return began !== undefined && Math.abs(Number(began) - Math.max(0, note.at_ms / 1000 - 3)) < 1.5;
		});
		await theirs.getByRole('button', { name: 'Reply' }).first().click();
		await theirs.getByRole('textbox', { name: /^Reply to/ }).fill('I counted to five.');
		await theirs.getByRole('textbox', { name: /^Reply to/ }).press('Enter');
		await until('the reply', async () => (await notes()).some(({ reply_to }) => reply_to === note.id));
		await theirs.getByRole('tab', { name: /Watched/ }).click();
		await shows(theirs.getByRole('tabpanel').getByText(manager.name));
		await stage.axe('told', theirs);
	});
});
