import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { atRest } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { hides, says, shows, until } from './kit/wait.ts';

/** How often managers say something to their people: by months and teams, in the address. */
export default spec('coaching cadence', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, step, axe, allow } = stage;
	const [rep, manager, other, beside, trainer] = await Promise.all([
		stage.person('rep'),
		stage.person('manager'),
		stage.person('rep'),
		stage.person('manager'),
		stage.person('trainer'),
	]);
	const team = await company.team(`Cadence ${device}`, { members: [rep], managers: [manager] });
	await company.team(`Cadence too ${device}`, { members: [other], managers: [beside] });
	const video = await company.upload(rep, await clip('We start with one team.', 5, '0x8f6a2a'), 'One team');
	await company.change(rep, video, { audience: 'line' });
	const params = { params: { path: { id: video } } };
	const body = { id: randomUUID(), at_ms: 1000, text: 'Name the day.' };
	await until('a note, once the video plays', () =>
		data(manager.api.POST('/api/v1/videos/{id}/notes', { ...params, body })),
	);
	const query = (name: string) => new URL(page.url()).searchParams.get(name);
	const cadence = page.getByRole('region', { name: 'How often' });
	const of = (name: string) => cadence.getByRole('article', { name });

	await step('six months, unless one asks otherwise', async () => {
		await stage.enter(manager, '/coaching');
		await says(of(manager.name), /1 report/);
		await of(manager.name).getByText('Figures').click();
		assert.equal(await of(manager.name).getByRole('row').count(), 7);
		await says(of(manager.name).getByRole('row').last(), /\b1\b.*\b1\b/);
		assert.equal(await cadence.getByLabel('Team').count(), 0, 'there is but one');
		await atRest(page);
		await cadence.scrollIntoViewIfNeeded();
		await axe('six');
	});
	await step('twelve, and then more than fit, from a month on', async () => {
		await cadence.getByLabel('Months').selectOption({ label: 'The last 12' });
		await of(manager.name).getByRole('row').nth(12).waitFor({ state: 'attached' });
		assert.match(query('from') ?? '', /^\d{4}-\d\d$/);
		await cadence.getByLabel('Months').selectOption({ label: 'From and to' });
		const from = cadence.getByLabel('From', { exact: true });
		const oldest = (await from.locator('option').last().getAttribute('value')) ?? '';
		await from.selectOption(oldest);
		await of(manager.name).getByRole('row').nth(36).waitFor({ state: 'attached' });
		assert.equal(query('from'), oldest);
		await atRest(page);
		await cadence.scrollIntoViewIfNeeded();
		await axe('three-years');
	});
	await step('an address that was sent shows the same; what it gets wrong is said at its field', async () => {
		await page.reload();
		assert.equal(await cadence.getByLabel('Months').inputValue(), 'own');
		await of(manager.name).getByText('Figures').click();
		await of(manager.name).getByRole('row').nth(36).waitFor({ state: 'attached' });
		allow(422, /^\/api\/v1\/coaching\/cadence$/);
		await cadence.getByLabel('To', { exact: true }).selectOption({ index: 35 });
		await cadence.getByLabel('From', { exact: true }).selectOption({ index: 0 });
		await shows(cadence.getByText('The last month comes before the first.').first());
		await axe('wrong');
		await cadence.getByLabel('Months').selectOption({ label: 'The last 6' });
		await hides(cadence.getByText('The last month comes before the first.').first());
		assert.equal(query('from'), null);
	});
	await step('one team of several', async () => {
		await stage.enter(trainer, `/coaching?team=${team}`);
		await shows(of(manager.name));
		await cadence.getByLabel('Team').selectOption({ label: 'All teams' });
		assert.equal(query('team'), null);
		await cadence.getByLabel('Team').selectOption({ label: `Cadence too ${device}` });
		await hides(of(manager.name));
		await says(of(beside.name), /report/);
		await atRest(page);
		await axe('team');
	});
});
