import assert from 'node:assert/strict';
import { atRest, mainMenu } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

// Somebody asks a colleague for a take; the colleague's notice comes while they look, and they answer with a video.
/** Both devices make their clip at once: each its own. */
const colour = { iphone: '0x7a4fb0', pixel: '0x4f7ab0', desktop: '0x4fb07a' };

export default spec('ask a colleague', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, person, enter, open, step, axe } = stage;
	const [asker, asked] = [await person('rep'), await person('rep')];
	const video = await company.upload(
		asked,
		await clip('We begin with one team.', 6, colour[device]),
		'Begin with one team',
	);
	const theirs = await open();
	const unread = mainMenu(theirs).getByRole('link', {
		name: device === 'desktop' ? /Notices.*unread/ : /More.*unread/,
	});

	await step('nothing is there yet for the one who will be asked', async () => {
		await enter(asked, '/notices', theirs);
		await shows(theirs.getByRole('heading', { name: 'Nothing new' }));
		await axe('notices-empty', theirs);
		await theirs.goto('/');
		await shows(theirs.getByRole('heading', { name: 'Home' }));
		assert.equal(await unread.count(), 0);
	});
	const ask = async (words: string) => {
		await page.getByRole('button', { name: 'Ask for a take' }).click();
		const dialog = page.getByRole('dialog', { name: new RegExp(asked.name) });
		await dialog.getByRole('textbox').fill(words);
		return dialog;
	};
	await step('ask from their page', async () => {
		await enter(asker, `/people/${asked.id}`);
		await shows(page.getByRole('heading', { level: 1, name: asked.name }));
		const dialog = await ask('How do you begin a rollout that nobody has time for?');
		await axe('ask');
		await dialog.getByRole('button', { name: 'Ask', exact: false }).last().click();
		await hides(dialog);
	});
	await step('the count and the ask come without a reload', async () => {
		await shows(unread);
		await shows(theirs.getByText('How do you begin a rollout that nobody has time for?'));
		await atRest(theirs);
		await axe('asked', theirs);
	});
	await step('the notice leads there, and is read', async () => {
		await theirs.goto('/notices');
		await axe('notices', theirs);
		await theirs.getByRole('link', { name: new RegExp(`${asker.name} asks you`) }).click();
		await shows(theirs.getByText('How do you begin a rollout that nobody has time for?'));
		await hides(unread);
	});
	await step('answer with a video that the asker may not see yet', async () => {
		stage.allow(422, /\/answer$/);
		stage.allow(409, /\/answer$/);
		stage.allow(403, /\/answer$/);
		await theirs.getByRole('button', { name: 'Pick a video' }).click();
		const dialog = theirs.getByRole('dialog', { name: `Answer ${asker.name}` });
		await shows(dialog.getByRole('link', { name: 'Begin with one team' }));
		await axe('answer', theirs);
		await dialog.getByRole('button', { name: /^Send this one/ }).click();
		await dialog.getByRole('button', { name: /^Share with .* and answer/ }).click();
		await hides(dialog);
		await hides(theirs.getByText('How do you begin a rollout that nobody has time for?'));
	});
	await step('the asker is told, and sees it', async () => {
		const path = { id: video };
		await until(
			'the asker may see it',
			async () => (await data(asker.api.GET('/api/v1/videos/{id}', { params: { path } }))).id,
		);
		await page.goto('/notices');
		const answer = page.getByRole('link', { name: `${asked.name} answered you with Begin with one team` });
		await says(answer, 'answered you');
		assert.match((await answer.getAttribute('href')) ?? '', new RegExp(`^/watch/${video}`));
	});
	await step('ask again, and be passed over', async () => {
		await page.goto(`/people/${asked.id}`);
		const dialog = await ask('And who do you call first?');
		await dialog.getByRole('button', { name: 'Ask', exact: false }).last().click();
		await hides(dialog);
		await theirs.goto('/');
		await shows(theirs.getByText('And who do you call first?'));
		await theirs.getByRole('button', { name: 'Not now' }).click();
		await hides(theirs.getByText('And who do you call first?'));
		const asks = await data(asker.api.GET('/api/v1/asks', { params: { query: { box: 'sent' } } }));
		assert.deepEqual(
			asks.items.map((one) => one.state),
			['declined', 'answered'],
		);
	});
	await step('mark all as read', async () => {
		await theirs.goto('/notices');
		const all = theirs.getByRole('button', { name: 'Mark all as read' });
		await all.click();
		await hides(all);
		await hides(unread);
	});
});
