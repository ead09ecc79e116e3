import type { Page } from 'playwright-core';
import { atRest } from './kit/acts.ts';
import type { Company, Role } from './kit/company.ts';
import { type Spec, spec } from './kit/spec.ts';
import { shows } from './kit/wait.ts';

// Every screen stands, for those who have it: nothing is asked that is refused, axe finds nothing, nothing is wider than
// the window. What people do on them is in the other specs.
const screens: Record<Role, (company: Company) => Record<string, string>> = {
	rep: ({ videos }) => ({
		home: '/',
		search: '/search',
		found: '/search?q=they+say+Northwind+is+half+the+price',
		'nothing-found': '/search?q=xylophone+zeppelin',
		watch: `/watch/${videos[0]?.id}`,
		'watch-moment': `/watch/${videos[1]?.id}?t=4000`,
		'watch-nothing': '/watch/0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f',
		mine: '/mine',
		saved: '/saved',
		people: '/people',
		person: `/people/${videos[0]?.author.id}`,
		notices: '/notices',
		more: '/more',
		settings: '/settings',
		'no-such-page': '/nothing/here',
	}),
	manager: () => ({
		home: '/',
		team: '/team',
		modeled: '/reports/modeled',
		tactics: '/reports/tactics',
		more: '/more',
	}),
	trainer: () => ({
		home: '/',
		modeled: '/reports/modeled',
		tactics: '/reports/tactics',
		import: '/import',
		deals: '/deals',
		vocabulary: '/vocabulary',
		glossary: '/glossary',
		more: '/more',
	}),
	admin: () => ({
		home: '/',
		system: '/admin',
		people: '/admin/people',
		teams: '/admin/teams',
		invitations: '/admin/invitations',
		more: '/more',
	}),
};

export default (Object.keys(screens) as Role[]).map(
	(role): Spec =>
		spec(`screens of a ${role}`, { devices: ['iphone', 'desktop'] }, async (stage) => {
			stage.allow(404, /0190a6c5-7d1e-7cc3-98c4-dc0c0c07398f/);
			const somebody = await stage.person(role);
			const wrong: string[] = []; // told together: one screen that fails hides no other
			for (const [name, path] of Object.entries(screens[role](stage.company))) {
				try {
					await stage.enter(somebody, path);
					await stands(stage.page);
					await stage.axe(name);
				} catch (thrown) {
					wrong.push(`${name} (${path}): ${(thrown as Error).message}`);
				}
			}
			if (wrong.length > 0) throw new Error(wrong.join('\n'));
		}),
);

/** Waits until a screen has its title, or says why not, and has come to rest. */
async function stands(page: Page): Promise<void> {
	const title = page.getByRole('heading', { level: 1 });
	await shows(title.or(page.getByRole('alert')).first(), 15_000);
	await atRest(page);
}
