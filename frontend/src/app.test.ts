import { cleanup, configure, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import App from './App.svelte';
import { session } from './api/me.svelte.ts';
import { go, place } from './router.svelte.ts';

// Screens are loaded when they are first shown, which takes its time on a busy machine.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 30_000 });

/** The client's calls keep the fetch that they found when they were made. */
const server = vi.hoisted(() => {
	const answers = { to: async (_: Request): Promise<Response> => new Response() };
	globalThis.fetch = ((request: Request) => answers.to(request)) as typeof fetch;
	return answers;
});

let signedIn = false;
const me = { person: { id: 'p', name: 'Ada', roles: ['rep'], active: true }, teams: [], time_zone: 'UTC', limits: {} };

beforeEach(() => {
	signedIn = false;
	session.state = 'unknown';
	session.problem = undefined;
	vi.stubGlobal('scrollTo', () => undefined);
	vi.stubGlobal('EventSource', undefined);
	server.to = async (request) => {
		const { pathname } = new URL(request.url);
		if (pathname === '/api/v1/me')
			return signedIn ? Response.json(me) : Response.json({ code: 'signed_out', status: 401 }, { status: 401 });
		if (pathname === '/api/v1/setup') return Response.json({ needed: false, demo: [] });
		return Response.json({ items: [], unread: 0 });
	};
});
afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
});

it('sends whoever is signed out to the sign-in, and back to what they wanted', async () => {
	go('/saved?tab=used', { replace: true });
	render(App);
	await session.load();
	await waitFor(() => expect(place.path).toBe('/signin'));
	expect(place.query('to')).toBe('/saved?tab=used');
	await screen.findByRole('heading', { name: 'Sign in' });
	signedIn = true;
	await session.load();
	await waitFor(() => expect(place.url.pathname + place.url.search).toBe('/saved?tab=used'));
	await screen.findByRole('heading', { name: 'Saved' });
});

it('keeps no address for home', async () => {
	go('/', { replace: true });
	render(App);
	await session.load();
	await waitFor(() => expect(place.path).toBe('/signin'));
	expect(place.url.search).toBe('');
});

it('goes to the sign-in when the session ends in the middle', async () => {
	signedIn = true;
	go('/saved', { replace: true });
	render(App);
	await session.load();
	await screen.findByRole('heading', { name: 'Saved' });
	signedIn = false;
	await session.load();
	await waitFor(() => expect(place.path).toBe('/signin'));
	expect(place.query('to')).toBe('/saved');
});

it('says that there is no such page, to whoever asks', async () => {
	go('/no/such/place', { replace: true });
	render(App);
	await session.load();
	await screen.findByRole('heading', { level: 1, name: 'There is no such page' });
	expect(place.path).toBe('/no/such/place');
});
