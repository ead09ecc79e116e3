import { cleanup, configure, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { api } from '../../api/client.ts';
import PushDevices from './PushDevices.svelte';
import { ability, type Push, renew } from './push.svelte.ts';
import { en } from './reminders.en.ts';

const key = 'BAAB';
const bytes = Uint8Array.from([4, 0, 1]).buffer;

/** A browser, as far as messages go. */
function browser(more: { said?: NotificationPermission; subscribes?: boolean; worker?: boolean; own?: ArrayBuffer }) {
	const { said = 'granted', subscribes = true, worker = true, own = bytes } = more;
	const made = {
		options: { applicationServerKey: own },
		toJSON: () => ({ endpoint: 'https://push.example.net/1', keys: { p256dh: 'p', auth: 'a' } }),
		unsubscribe: vi.fn(async () => true),
	};
	const subscribe = vi.fn(async () => {
		if (!subscribes) throw new DOMException('no push service', 'AbortError');
		return made;
	});
	const getSubscription = vi.fn(async (): Promise<unknown> => made);
	const registration = worker ? { pushManager: { subscribe, getSubscription } } : undefined;
	vi.stubGlobal('PushManager', class {});
	vi.stubGlobal('Notification', { permission: 'default', requestPermission: vi.fn(async () => said) });
	vi.stubGlobal('matchMedia', () => ({ matches: false }));
	Object.defineProperty(navigator, 'serviceWorker', {
		configurable: true,
		value: { getRegistration: async () => registration },
	});
	return { made, subscribe, getSubscription };
}

/** A server that has these devices and remembers what it is told. */
function server(devices: Push['devices'], withKey = true) {
	const calls: { method: string; url: string; body: unknown }[] = [];
	let now = devices;
	vi.stubGlobal('fetch', async (request: Request) => {
		const { method, url } = request;
		const body = method === 'PUT' ? await request.json() : undefined;
		calls.push({ method, url: new URL(url).pathname, body });
		if (method === 'DELETE') now = now.filter(({ id }) => !url.endsWith(id));
		if (method === 'PUT' && !body.renew) now = [...now, device('new', true)];
		if (method === 'DELETE') return new Response(null, { status: 204 });
		return Response.json({ devices: now, most: 10, ...(withKey ? { key } : {}) });
	});
	return calls;
}

const device = (id: string, here: boolean): Push['devices'][number] => ({
	id,
	user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
	created_at: '2026-11-22T10:00:00Z',
	here,
});

// The client took hold of fetch before the tests could.
beforeAll(() => api.use({ onRequest: ({ request }) => globalThis.fetch(request) }));
configure({ asyncUtilTimeout: 10_000 }); // on a shared machine
afterEach(() => {
	cleanup();
	vi.unstubAllGlobals();
	vi.restoreAllMocks();
	Reflect.deleteProperty(navigator, 'serviceWorker');
});

const agent = (name: string, touch = 0) => {
	vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(name);
	Object.defineProperty(navigator, 'maxTouchPoints', { configurable: true, value: touch });
};

it('knows what this browser can do', () => {
	browser({});
	agent('Firefox');
	expect(ability()).toBe('ready');
	vi.stubGlobal('Notification', { permission: 'denied' });
	expect(ability()).toBe('denied');
	Reflect.deleteProperty(navigator, 'serviceWorker');
	expect(ability()).toBe('none');
	agent('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1', 5);
	expect(ability()).toBe('install');
	agent('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15', 5);
	expect(ability()).toBe('install');
	browser({});
	vi.stubGlobal('matchMedia', () => ({ matches: true })); // opened from the home screen
	expect(ability()).toBe('ready');
});

it('asks for permission on a tap, and not before', async () => {
	const { subscribe } = browser({});
	const calls = server([]);
	render(PushDevices);
	const box = await screen.findByRole('checkbox', { name: /On this device/ });
	expect(Notification.requestPermission).not.toHaveBeenCalled();
	vi.stubGlobal('Notification', { permission: 'granted', requestPermission: async () => 'granted' });
	box.click();
	await screen.findByText(en.push.this);
	expect(subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: key });
	expect(calls.find(({ method }) => method === 'PUT')?.body).toEqual({
		endpoint: 'https://push.example.net/1',
		keys: { p256dh: 'p', auth: 'a' },
		renew: false,
	});
	await waitFor(() => expect(box).toHaveProperty('checked', true));
});

it('goes off here and at the server', async () => {
	const { made } = browser({});
	vi.stubGlobal('Notification', { permission: 'granted' });
	const calls = server([device('mine', true), device('other', false)]);
	render(PushDevices);
	const box = await screen.findByRole('checkbox', { name: /On this device/ });
	expect(box).toHaveProperty('checked', true);
	box.click();
	await waitFor(() => expect(made.unsubscribe).toHaveBeenCalledOnce());
	await waitFor(() => expect(box).toHaveProperty('checked', false));
	await waitFor(() => expect(box).toHaveProperty('disabled', false)); // one thing at a time
	(await screen.findByRole('button', { name: 'Remove Firefox on Linux' })).click();
	await waitFor(() => expect(screen.queryByRole('list')).toBeNull());
	expect(calls.filter(({ method }) => method === 'DELETE').map(({ url }) => url)).toEqual([
		'/api/v1/me/push/devices/mine',
		'/api/v1/me/push/devices/other',
	]);
	expect(made.unsubscribe).toHaveBeenCalledOnce();
});

it.each([
	['unsaid', { said: 'default' }],
	['worker', { worker: false }],
	['service', { subscribes: false }],
] as const)('says why it stays off: %s', async (why, how) => {
	browser(how);
	const calls = server([]);
	render(PushDevices);
	const box = await screen.findByRole('checkbox', { name: /On this device/ });
	box.click();
	await screen.findByText(en.push.refused[why]);
	await waitFor(() => expect(box).toHaveProperty('disabled', false));
	await waitFor(() => expect(box).toHaveProperty('checked', false));
	expect(calls.some(({ method }) => method === 'PUT')).toBe(false);
});

it('says where it was forbidden, and where the installation has none', async () => {
	browser({});
	vi.stubGlobal('Notification', { permission: 'denied' });
	server([]);
	const shown = render(PushDevices);
	await screen.findByText(en.push.able.denied);
	expect(screen.queryByRole('checkbox')).toBeNull();
	shown.unmount();
	server([], false);
	render(PushDevices);
	await screen.findByText(en.push.none);
});

it('renews in a new session what is one’s own', async () => {
	const { made } = browser({});
	const calls = server([device('mine', true)]);
	await renew();
	expect(calls.map(({ method }) => method)).toEqual(['GET']);
	const others = server([]);
	await renew();
	expect(others.at(-1)?.body).toMatchObject({ renew: true });
	expect(made.unsubscribe).toHaveBeenCalledOnce(); // the server did not keep it: it is another's
});

it('ends what an installation of before was subscribed to', async () => {
	const { made } = browser({ own: Uint8Array.from([4, 9, 9]).buffer });
	const calls = server([]);
	await renew();
	expect(calls.map(({ method }) => method)).toEqual(['GET']);
	expect(made.unsubscribe).toHaveBeenCalledOnce();
});

it('does nothing where nothing was switched on', async () => {
	const { getSubscription } = browser({});
	getSubscription.mockResolvedValue(null);
	const calls = server([]);
	await renew();
	expect(calls).toEqual([]);
});
