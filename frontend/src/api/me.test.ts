import { beforeEach, expect, it, vi } from 'vitest';

const me = { person: { id: 'p1', name: 'Rita' }, roles: ['rep'] };
const answer = (status: number, body: unknown) =>
	new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } });

/** A new start of the client, with a network that answers so. */
async function started(fetching: () => Promise<Response>) {
	vi.resetModules();
	vi.stubGlobal('fetch', vi.fn(fetching));
	const { session } = await import('./me.svelte.ts');
	await session.load();
	return session;
}
const offline = () => Promise.reject(new TypeError('Failed to fetch'));

beforeEach(() => localStorage.clear());

it('starts without a network as who was signed in last', async () => {
	expect((await started(() => Promise.resolve(answer(200, me)))).state).toBe('in');
	const session = await started(offline);
	expect(session.state).toBe('in');
	expect(session.id).toBe('p1');
	expect(session.problem).toBeUndefined();
});

it('says that the server cannot be reached where nobody was signed in', async () => {
	const session = await started(offline);
	expect(session.state).toBe('unknown');
	expect(session.problem?.offline).toBe(true);
});

it('forgets who it was when the server says so', async () => {
	await started(() => Promise.resolve(answer(200, me)));
	expect((await started(() => Promise.resolve(answer(401, { code: 'unauthenticated' })))).state).toBe('out');
	expect((await started(offline)).state).toBe('unknown');
});

it('knows on this device that somebody reviews, though no role says so, until somebody else signs in', async () => {
	const signedIn = (id: string) => () => Promise.resolve(answer(200, { ...me, person: { id, name: 'Rita' } }));
	const first = await started(signedIn('p1'));
	expect(first.has('reviewer', 'manager')).toBe(false);
	first.reviews(false);
	expect(first.has('reviewer')).toBe(false);
	first.reviews(true);
	expect(first.has('reviewer')).toBe(true);
	expect((await started(offline)).has('reviewer')).toBe(true);
	expect((await started(signedIn('p1'))).has('reviewer')).toBe(true);
	expect((await started(signedIn('p2'))).has('reviewer')).toBe(false);
	expect((await started(signedIn('p1'))).has('reviewer')).toBe(false);
});
