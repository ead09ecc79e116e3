import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mainMenu } from './kit/acts.ts';
import { clip } from './kit/clips.ts';
import { data } from './kit/company.ts';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

// A recording that was cut off on its way: its author is told in words while they look, and so is an admin.
export default spec('a broken recording', { devices: ['iphone', 'desktop'] }, async (stage) => {
	const { page, company, device, person, enter, open, step, axe } = stage;
	const [rep, admin] = [await person('rep'), await person('admin')];
	const title = 'Cut off in the train';
	const dir = await mkdtemp(join(tmpdir(), 'fieldreel-cut-'));
	const cut = join(dir, 'cut.mp4');
	const whole = await readFile(await clip(company.videos[0]?.words ?? '', 16, '0xb4632d'));
	await writeFile(cut, whole.subarray(0, 2000));
	await step('home, while the recording arrives', async () => {
		await enter(rep, '/');
		await shows(page.getByText('What are you facing?'));
	});
	const id = await company.upload(rep, cut, title);
	await rm(dir, { recursive: true });
	await step('the author is told without a reload', async () => {
		const link = mainMenu(page).getByRole('link', { name: device === 'desktop' ? /Notices.*unread/ : /More.*unread/ });
		await shows(link);
		await page.goto('/notices');
		const notice = page.getByRole('link', { name: new RegExp(`^${title} could not be processed`) });
		await shows(notice);
		await axe('told');
		await notice.click();
		await until('My videos', () => new URL(page.url()).pathname === '/mine');
		await shows(page.getByText(title).first());
	});
	await step('an admin sees that there is one, and whose', async () => {
		const theirs = await open();
		await enter(admin, '/admin', theirs);
		const failure = theirs.getByRole('article').filter({ hasText: rep.name });
		await shows(failure);
		assert.equal(await failure.getByText(title).count(), 0, 'what is in it is not theirs to see');
		await axe('system', theirs);
	});
	await data(rep.api.DELETE('/api/v1/videos/{id}', { params: { path: { id } } }));
});
