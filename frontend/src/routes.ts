import { type Route, route } from './router.svelte.ts';

/** Every address of the client. Each screen is a chunk of its own. */
export const routes: readonly Route[] = [
	route('/', () => import('./features/home/Home.svelte')),
	route('/parts', () => import('./features/parts/Parts.svelte'), { open: true }),
];
