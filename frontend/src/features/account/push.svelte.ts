import { api, data, type Schemas } from '../../api/client.ts';
import { session } from '../../api/me.svelte.ts';

export type Push = Schemas['PushDTO'];

/**
 * What this browser can do about messages: `ready`; `denied` by whoever uses it; `install`, as on an iPhone, where only
 * an app on the home screen can; `none`.
 */
export type Ability = 'ready' | 'denied' | 'install' | 'none';

/** Why messages could not be switched on: `unsaid`, the question was closed without an answer. */
export type Refusal = 'denied' | 'unsaid' | 'worker' | 'service';

/** Asks nothing of the person. */
export function ability(): Ability {
	// An iPad says that it is a Mac, but has no Mac that can be touched.
	const apple =
		/iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
	if (apple && !matchMedia('(display-mode: standalone)').matches) return 'install';
	if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'none';
	return Notification.permission === 'denied' ? 'denied' : 'ready';
}

/** Says whether messages are shown here, as far as the browser knows. */
export const allowed = (): boolean => 'Notification' in window && Notification.permission === 'granted';

/**
 * Switches messages on in this browser. It asks for permission, so it is for a tap alone. Gives why not where that is
 * no fault of the server's.
 */
export async function switchOn(key: string): Promise<Push | Refusal> {
	const said = await Notification.requestPermission();
	if (said !== 'granted') return said === 'denied' ? 'denied' : 'unsaid';
	const worker = await navigator.serviceWorker.getRegistration();
	if (!worker) return 'worker';
	const had = await worker.pushManager.getSubscription();
	if (had && !fits(had, key)) await had.unsubscribe();
	let made: PushSubscription;
	try {
		made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
	} catch {
		return 'service';
	}
	return put(made, false);
}

/** Switches messages off on one of one's devices, and in the browser where it is this one. */
export async function switchOff(device: { readonly id: string; readonly here: boolean }): Promise<void> {
	await data(api.DELETE('/api/v1/me/push/devices/{id}', { params: { path: { id: device.id } } }));
	if (device.here) await (await subscription())?.unsubscribe();
}

/**
 * Tells the server that this browser still shows messages, now in this session. Where it has changed hands they end:
 * its new owner has not asked for any.
 */
export async function renew(): Promise<void> {
	const made = await subscription();
	if (!made) return;
	const { key, devices } = await data(api.GET('/api/v1/me/push'));
	if (!key || devices.some(({ here }) => here)) return;
	const push = fits(made, key) ? await put(made, true) : undefined;
	if (!push?.devices.some(({ here }) => here)) await made.unsubscribe();
}

/** Has `renew` called now and whenever somebody signs in; gives what ends that. */
export function renewAtSignIn(): () => void {
	return $effect.root(() => {
		$effect(() => {
			// Without a network, or once switched off: the next start asks again.
			if (session.state === 'in' && session.id) void renew().catch(() => undefined);
		});
	});
}

async function subscription(): Promise<PushSubscription | null> {
	const worker = await navigator.serviceWorker.getRegistration();
	return (await worker?.pushManager?.getSubscription()) ?? null;
}

function put(made: PushSubscription, renewed: boolean): Promise<Push> {
	const { endpoint = '', keys = {} } = made.toJSON();
	const { p256dh = '', auth = '' } = keys;
	return data(api.PUT('/api/v1/me/push', { body: { endpoint, keys: { p256dh, auth }, renew: renewed } }));
}

/** Says whether a subscription is to this key: that of an installation made anew is another. */
function fits(made: PushSubscription, key: string): boolean {
	const own = made.options.applicationServerKey;
	if (!own) return true; // a browser that does not tell
	const text = btoa(String.fromCharCode(...new Uint8Array(own)));
	return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '') === key;
}
