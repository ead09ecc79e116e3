import assert from 'node:assert/strict';
import { atRest } from './kit/acts.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, shows, until } from './kit/wait.ts';

// Colleagues are followed, and what one saved, sent and used is kept in lists.
export default [
	spec(
		'follow a colleague',
		{ devices: ['iphone', 'desktop'] },
		async ({ page, company, person, enter, allow, step, axe }) => {
			const rep = await person('rep');
			const author = company.videos[0]?.author;
			assert.ok(author);
			const following = async () =>
				(await data(rep.api.GET('/api/v1/me/following'))).items.map((one) => one.id).includes(author.id);
			await step('nobody is followed yet', async () => {
				await enter(rep, '/people?tab=following');
				await shows(page.getByRole('heading', { name: 'You follow nobody yet' }));
				await axe('nobody');
			});
			await step('find somebody and follow them', async () => {
				await page.getByRole('link', { name: 'Everybody' }).click();
				await page.getByLabel('Find a person').fill(author.name);
				await until('the name in the address', () => new URL(page.url()).searchParams.get('q') === author.name);
				await page.getByRole('button', { name: `Follow ${author.name}`, exact: true }).click();
				await until('it is so on the server', following);
				await axe('everybody');
			});
			await step('their page, and their new video at home', async () => {
				await page.getByRole('link', { name: author.name }).first().click();
				await shows(page.getByRole('button', { name: `Following ${author.name}` }));
				await atRest(page);
				await axe('person');
				await page.goto('/');
				await shows(page.getByText('you follow').first());
			});
			await step('no longer, and again', async () => {
				await page.goto('/people?tab=following');
				await page.getByRole('button', { name: `Following ${author.name}` }).click();
				await until('no longer on the server', async () => !(await following()));
				await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
				await until('again on the server', following);
				await shows(page.getByRole('button', { name: `Following ${author.name}` }));
			});
			await step('nobody of that name', async () => {
				await page.goto('/people?q=zzyzx');
				await shows(page.getByRole('heading', { name: 'Nobody found' }));
			});
			await step('somebody who is not there', async () => {
				allow(404, /0190a6c5/);
				await page.goto('/people/0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f');
				await shows(page.getByRole('heading', { name: 'There is no such person' }));
			});
		},
	),
	spec(
		'saved, sent and used',
		{ devices: ['iphone', 'desktop'] },
		async ({ page, company, person, enter, step, axe }) => {
			const [rep, friend] = [await person('rep'), await person('rep')];
			const [shown, other] = company.videos;
			assert.ok(shown && other);
			const tab = (name: string) =>
				page.getByRole('navigation', { name: 'What is shown' }).getByRole('link', { name, exact: true }).click();
			await step('empty lists say what comes there', async () => {
				await enter(rep, '/saved');
				await shows(page.getByRole('heading', { name: 'Nothing saved yet' }));
				await axe('empty');
				await tab('Used');
				await shows(page.getByRole('heading', { name: 'You have used nothing yet' }));
			});
			const stretch = { start_ms: 2000, end_ms: 7000 };
			await data(rep.api.POST('/api/v1/saves', { body: { video_id: shown.id, ...stretch } }));
			await data(rep.api.POST('/api/v1/saves', { body: { video_id: other.id, start_ms: 0, end_ms: 0 } }));
			await data(rep.api.POST('/api/v1/uses', { body: { video_id: shown.id, ...stretch, comment: 'It calmed them' } }));
			const sent = { video_id: shown.id, ...stretch, message: 'Just what you face' };
			await data(friend.api.POST('/api/v1/shares', { body: { ...sent, to_person_id: rep.id } }));
			await data(rep.api.POST('/api/v1/shares', { body: { ...sent, to_person_id: friend.id } }));
			await step('the moments that were saved', async () => {
				await page.goto('/saved');
				const list = page.getByRole('list', { name: 'Saved' });
				await shows(list.getByText(shown.title));
				await atRest(page);
				await axe('saved');
				const link = list.getByRole('link', { name: new RegExp(shown.title) });
				assert.match((await link.getAttribute('href')) ?? '', /t=2000/);
			});
			await step('remove one, and bring it back', async () => {
				const saves = async () => (await data(rep.api.GET('/api/v1/saves'))).items.length;
				await page.getByRole('button', { name: `Remove ${shown.title}` }).click();
				await hides(page.getByRole('list', { name: 'Saved' }).getByText(shown.title));
				await until('one save on the server', async () => (await saves()) === 1);
				await page.getByRole('status').getByRole('button', { name: 'Undo' }).click();
				await shows(page.getByRole('list', { name: 'Saved' }).getByText(shown.title));
				assert.equal(await saves(), 2);
			});
			for (const [name, words] of [
				['Sent to me', 'Just what you face'],
				['Sent by me', `to ${friend.name}`],
				['Used', 'It calmed them'],
			] as const) {
				await step(name, async () => {
					await tab(name);
					await shows(page.getByRole('list', { name }).getByText(words));
					await axe(name.toLowerCase().replaceAll(' ', '-'));
				});
			}
			await step('what was sent stands at home', async () => {
				await page.goto('/');
				await shows(page.getByRole('heading', { name: 'Sent to you' }));
				await shows(page.getByText('Just what you face'));
				await atRest(page);
				await axe('home');
			});
		},
	),
];
