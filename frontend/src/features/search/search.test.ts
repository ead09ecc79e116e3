import { cleanup, configure, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { go, place } from '../../router.svelte.ts';
import { recent } from './recent.ts';
import Search from './Search.svelte';

// Screens are loaded when they are first shown, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 30_000 });

/** The client's calls keep the fetch that they found when they were made. */
const server = vi.hoisted(() => {
	const answers = { to: async (_: Request): Promise<Response> => new Response() };
	globalThis.fetch = ((request: Request) => answers.to(request)) as typeof fetch;
	return answers;
});

const moment = {
	...{ video_id: 'v1', title: 'Half the price', author: { id: 'p', name: 'Max' }, media: {}, mine: false },
	...{ start_ms: 4000, end_ms: 9000, text: 'half the price, they said', marks: [{ start: 0, end: 4 }] },
	...{ reasons: ['Says: half.'], tactic_names: [], others: [] },
};
/** The addresses that were asked, without the vocabulary's. */
let asked: URL[] = [];

beforeEach(() => {
	asked = [];
	localStorage.clear();
	go('/search', { replace: true });
	server.to = async (request) => {
		const url = new URL(request.url);
		if (url.pathname !== '/api/v1/moments') return Response.json({ items: [] });
		asked.push(url);
		const none = url.searchParams.get('q') === 'zeppelin';
		return Response.json({ results: none ? [] : [moment], total: none ? 0 : 1 });
	};
});
afterEach(cleanup);
const box = () => screen.getByRole<HTMLInputElement>('searchbox');

it('asks nothing before there is a question', async () => {
	render(Search);
	expect(box().value).toBe('');
	await new Promise((resolve) => setTimeout(resolve));
	expect(asked).toEqual([]);
});

it('asks what the address says, with its narrowing', async () => {
	go('/search?q=half+the+price&objection=price&nonsense=1', { replace: true });
	render(Search);
	await screen.findByRole('article');
	expect(box().value).toBe('half the price');
	expect(Object.fromEntries(asked[0]?.searchParams ?? [])).toEqual({
		...{ q: 'half the price', objection: 'price', limit: '12' },
	});
	const play = screen.getByRole('link', { name: /^Play Half the price by Max/ });
	expect(play.getAttribute('href')).toContain('/watch/v1?t=4000');
	expect(play.closest('article')?.querySelector('mark')?.textContent).toBe('half');
});

it('puts what is typed into the address, once for a burst of keys', async () => {
	render(Search);
	for (const value of ['h', 'ha', 'half ']) await fireEvent.input(box(), { target: { value } });
	expect(place.query('q')).toBe('');
	await waitFor(() => expect(place.query('q')).toBe('half'));
	await screen.findByRole('article');
	expect(asked.map((url) => url.searchParams.get('q'))).toEqual(['half']);
	expect(box().value).toBe('half '); // the cursor stays where it was
});

it('asks at once, and remembers it, when asked to', async () => {
	render(Search);
	await fireEvent.input(box(), { target: { value: 'no budget' } });
	await fireEvent.submit(box());
	expect(place.query('q')).toBe('no budget');
	expect(recent()).toEqual(['no budget']);
});

it('follows the address when it changes by a link', async () => {
	go('/search?q=half', { replace: true });
	render(Search);
	await screen.findByRole('article');
	go('/search');
	await waitFor(() => expect(box().value).toBe(''));
	expect(screen.queryByRole('article')).toBeNull();
});

it('says so when nobody has said it', async () => {
	go('/search?q=zeppelin', { replace: true });
	render(Search);
	await screen.findByText('Nobody has said that on video yet');
});
