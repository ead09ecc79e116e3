// What many paths do, as people do it: by what is written and by the role of a thing, never by a class or an id.
import type { Page } from 'playwright-core';
import type { Person } from './company.ts';
import { shows, until } from './wait.ts';

/** Signs in by the sign-in screen, and waits for the client behind it. */
export async function signIn(page: Page, person: Person): Promise<void> {
	await page.goto('/signin');
	await page.getByLabel('E-mail').fill(person.email);
	await page.getByLabel('Password').fill(person.password);
	await page.getByRole('button', { name: 'Sign in', exact: true }).click();
	await shows(mainMenu(page));
}

/** The menu that is on every screen: at the foot of a phone, at the side of a wide window. */
export function mainMenu(page: Page) {
	return page.getByRole('navigation', { name: 'Main' });
}

/** Waits until nothing on the page says that it is still being loaded, and the pictures in the window are there. */
export async function atRest(page: Page): Promise<void> {
	await until('a page at rest', async () => {
		const busy = await page.locator('[aria-busy="true"]').filter({ visible: true }).count();
		const pictures = await page.evaluate(() =>
			[...document.images].every((image) => {
				const { top, bottom } = image.getBoundingClientRect();
				return image.complete || bottom < 0 || top > innerHeight; // a lazy one below the window is not asked for
			}),
		);
		return busy === 0 && pictures;
	});
}
