import { type Route, route } from './router.svelte.ts';

/** The addresses that people open daily; the others come after the first screen. Each screen is a chunk of its own. */
export const routes: readonly Route[] = [
	route('/', () => import('./features/home/Home.svelte')),
	route('/search', () => import('./features/search/Search.svelte')),
	route('/record', () => import('./features/takes/Record.svelte'), { open: true, bare: true }),
	route('/mine', () => import('./features/takes/Mine.svelte')),
	route('/mine/:id', () => import('./features/takes/Edit.svelte')),
	route('/watch/:id', () => import('./features/watch/Watch.svelte')),
	route('/certify', () => import('./features/certify/Certify.svelte')),
	route('/certify/:id', () => import('./features/certify/Enrolment.svelte')),
	route('/notices', () => import('./features/notice/Notices.svelte')),
	route('/reviews', () => import('./features/review/Reviews.svelte')),
	route('/reviews/:id', () => import('./features/review/Review.svelte'), { bare: true }),
	route('/more', () => import('./features/account/More.svelte')),
	route('/signin', () => import('./features/account/SignIn.svelte'), { open: true, bare: true }),
];
