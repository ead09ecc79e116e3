import { type Route, route } from './router.svelte.ts';

/** Every address of the client. Each screen is a chunk of its own. */
export const routes: readonly Route[] = [
	route('/', () => import('./features/home/Home.svelte')),
	route('/search', () => import('./features/search/Search.svelte')),
	route('/record', () => import('./features/takes/Record.svelte'), { open: true, bare: true }),
	route('/mine', () => import('./features/takes/Mine.svelte')),
	route('/mine/:id', () => import('./features/takes/Edit.svelte')),
	route('/watch/:id', () => import('./features/watch/Watch.svelte')),
	route('/notices', () => import('./features/notice/Notices.svelte')),
	route('/reports/modeled', () => import('./features/insight/Modeled.svelte')),
	route('/reports/tactics', () => import('./features/insight/Tactics.svelte')),
	route('/saved', () => import('./features/saved/Saved.svelte')),
	route('/people', () => import('./features/people/People.svelte')),
	route('/people/:id', () => import('./features/people/Person.svelte')),
	route('/import', () => import('./features/outcome/Import.svelte')),
	route('/deals', () => import('./features/outcome/Deals.svelte')),
	route('/more', () => import('./features/account/More.svelte')),
	route('/settings', () => import('./features/account/Settings.svelte')),
	route('/signin', () => import('./features/account/SignIn.svelte'), { open: true, bare: true }),
	route('/setup', () => import('./features/account/Setup.svelte'), { open: true, bare: true }),
	route('/join/:token', () => import('./features/account/Join.svelte'), { open: true, bare: true }),
	route('/parts', () => import('./features/parts/Parts.svelte'), { open: true }),
];
