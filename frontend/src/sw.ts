// The service worker: the client itself starts without a network. It keeps the page, its scripts and styles, and
// nothing else: what comes from /api and /media passes by untouched. And it shows the messages that people have
// switched on for this device.
const worker = self as unknown as ServiceWorkerGlobalScope;

// The build puts the names of all scripts and styles here. They are named by their content, so a list is a version.
const shell = (self as unknown as { __SHELL__: string[] }).__SHELL__;
const version = [...shell.join()].reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) >>> 0, 0);
const current = `shell-${version.toString(36)}`;

/** How long a page may take to come before the kept one is shown: a dead tunnel answers nothing for minutes. */
const patience = 4000;

worker.addEventListener('install', (event) => {
	event.waitUntil(Promise.all([caches.open(current).then((cache) => cache.addAll(['/', ...shell])), pass(event)]));
});

worker.addEventListener('activate', (event) => {
	event.waitUntil(tidy().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (event) => {
	if (event.data === 'update') event.waitUntil(update());
});

worker.addEventListener('push', (event) => {
	event.waitUntil(show(event.data));
});

worker.addEventListener('notificationclick', (event) => {
	event.notification.close();
	event.waitUntil(visit(String(event.notification.data?.link ?? '/')));
});

// The library of types has no class for its event yet.
worker.addEventListener('pushsubscriptionchange', (event) => {
	(event as ExtendableEvent).waitUntil(subscribeAgain().catch(() => undefined));
});

worker.addEventListener('fetch', (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);
	if (request.method !== 'GET' || origin !== location.origin || /^\/(api|media)(\/|$)/.test(pathname)) return;
	if (request.mode === 'navigate') event.respondWith(page(request));
	else if (pathname.startsWith('/assets/') || shell.includes(pathname)) event.respondWith(kept(request));
});

async function kept(request: Request): Promise<Response> {
	const ours = await (await caches.open(current)).match(request);
	return ours ?? (await caches.match(request)) ?? fetch(request);
}

/** The page as the server has it, or the kept one where the server cannot be reached or takes too long. */
async function page(request: Request): Promise<Response> {
	const fallback = await (await caches.open(current)).match('/');
	if (!fallback) return fetch(request);
	const late = new Promise<Response>((resolve) => setTimeout(resolve, patience, fallback));
	const answer = fetch(request).then((response) => (response.status > 501 ? fallback : response));
	return Promise.race([answer.catch(() => fallback), late]);
}

/** Takes over from an older worker, but never under a recording in any window. Pages hold a lock while they record. */
async function update(): Promise<void> {
	const { held = [] } = await navigator.locks.query();
	if (!held.some(({ name }) => name?.startsWith('fieldreel-take'))) await worker.skipWaiting();
}

/** Deletes old versions. The one before this one stays: a window that is still open may yet load a part of it. */
async function tidy(): Promise<void> {
	const old = (await caches.keys()).filter((name) => name.startsWith('shell-') && name !== current);
	await Promise.all(old.slice(0, -1).map((name) => caches.delete(name)));
}

interface Routing {
	addRoutes?(rules: readonly { condition: { urlPattern: { pathname: string } }; source: 'network' }[]): Promise<void>;
}

/** Where the browser can (Chrome from 123 on), calls and media need not even wait until this worker has started. */
async function pass(event: ExtendableEvent): Promise<void> {
	try {
		await (event as ExtendableEvent & Routing).addRoutes?.(
			['/api/*', '/media/*'].map((pathname) => ({ condition: { urlPattern: { pathname } }, source: 'network' })),
		);
	} catch {
		// Then they go through the listener above, as everywhere else.
	}
}

/** What a message says. */
interface Words {
	readonly title: string;
	readonly body: string;
	readonly link: string;
}

/** What is said where the words cannot be had: the session is over, or there is no network. */
const silent: Words = { title: 'Fieldreel', body: 'Something waits for you. Open it to see what.', link: '/' };

/** Shows a message. The browser's maker has brought its name only; its words are asked for here. */
async function show(data: PushMessageData | null): Promise<void> {
	const { id, kind } = read(data);
	const link = kind === 'nudge' || kind === 'offer' ? '/reviews' : '/';
	const words = (await wordsOf(id)) ?? { ...silent, link };
	await worker.registration.showNotification(words.title, {
		body: words.body,
		icon: '/icon-192.png',
		badge: '/icon-192.png',
		// Today's digest takes the place of yesterday's, and a message that comes twice its own.
		tag: kind === 'digest' ? kind : id,
		data: { link: words.link },
	});
}

function read(data: PushMessageData | null): { id: string; kind: string } {
	try {
		const { id, kind } = data?.json() ?? {};
		return { id: String(id ?? ''), kind: String(kind ?? '') };
	} catch {
		return { id: '', kind: '' };
	}
}

async function wordsOf(id: string): Promise<Words | undefined> {
	try {
		const answer = await fetch(`/api/v1/me/push/messages/${encodeURIComponent(id)}`, {
			signal: AbortSignal.timeout(8000),
		});
		return answer.ok ? await answer.json() : undefined;
	} catch {
		return;
	}
}

/** Goes where a message leads: in the window used last, or in a new one. A window that records is left alone. */
async function visit(to: string): Promise<void> {
	const { href, origin } = new URL(to, location.origin);
	if (origin !== location.origin) return;
	const { held = [] } = await navigator.locks.query();
	const recording = held.filter(({ name }) => name?.startsWith('fieldreel-take')).map(({ clientId }) => clientId);
	const open = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
	const window = open.find(({ id }) => !recording.includes(id));
	if (!window) {
		await worker.clients.openWindow(href);
		return;
	}
	await window.focus().catch(() => undefined); // it may not be allowed to come to the front
	if (await asked(window, href)) return;
	const there = await window.navigate(href).catch(() => null);
	if (!there) await worker.clients.openWindow(href);
}

/** Has the page go there by itself, with what is written in it kept; false where it does not answer. */
function asked(window: WindowClient, href: string): Promise<boolean> {
	return new Promise((resolve) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => resolve(true);
		setTimeout(resolve, 1000, false);
		window.postMessage({ go: href }, [port2]);
	});
}

/** The push service has ended the subscription: makes another, if it was this session's. */
async function subscribeAgain(): Promise<void> {
	const answer = await fetch('/api/v1/me/push');
	if (!answer.ok) return;
	const { key, devices }: { key?: string; devices: { here: boolean }[] } = await answer.json();
	if (!key || !devices.some(({ here }) => here)) return;
	const made = await worker.registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
	const { endpoint, keys } = made.toJSON();
	await fetch('/api/v1/me/push', {
		method: 'PUT',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ endpoint, keys }),
	});
}
