import { go } from './router.svelte.ts';

/**
 * Installs the service worker once the page has come to rest, so that the client starts without a network from then
 * on. A newer worker takes over without a reload; it waits while a window holds a lock named `fieldreel-take…`.
 */
export async function registerServiceWorker(): Promise<void> {
	if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
	// A message was tapped: go where it leads without a new page, and say so.
	navigator.serviceWorker.addEventListener('message', ({ data, ports }) => {
		if (typeof data?.go !== 'string') return;
		ports[0]?.postMessage('went');
		go(data.go);
	});
	await atRest();
	try {
		const registration = await navigator.serviceWorker.register('/sw.js');
		const ask = () => registration.waiting?.postMessage('update');
		ask();
		registration.addEventListener('updatefound', () => {
			registration.installing?.addEventListener('statechange', ask);
		});
		if (globalThis.Notification?.permission === 'granted')
			(await import('./features/account/push.svelte.ts')).renewAtSignIn();
	} catch {
		// Refused, as in private windows: everything works but the start without a network.
	}
}

function atRest(): Promise<void> {
	return new Promise((resolve) => {
		const idle = () => {
			if ('requestIdleCallback' in window) requestIdleCallback(() => resolve(), { timeout: 5000 });
			else setTimeout(resolve, 1000); // Safari
		};
		if (document.readyState === 'complete') idle();
		else addEventListener('load', idle, { once: true });
	});
}
