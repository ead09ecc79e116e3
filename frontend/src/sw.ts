// The service worker: the client itself starts without a network. It keeps the page, its scripts and styles, and
// nothing else: what comes from /api and /media passes by untouched.
const worker = self as unknown as ServiceWorkerGlobalScope;

// The build puts the names of all scripts and styles here. They are named by their content, so a list is a version.
const shell = (self as unknown as { __SHELL__: string[] }).__SHELL__;
const version = [...shell.join()].reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) >>> 0, 0);
const current = `shell-${version.toString(36)}`;

/** How long a page may take to come before the kept one is shown: a dead tunnel answers nothing for minutes. */
const patience = 4000;

worker.addEventListener('install', (event) => {
	event.waitUntil(caches.open(current).then((cache) => cache.addAll(['/', ...shell])));
});

worker.addEventListener('activate', (event) => {
	event.waitUntil(tidy().then(() => worker.clients.claim()));
});

worker.addEventListener('message', (event) => {
	if (event.data === 'update') event.waitUntil(update());
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
