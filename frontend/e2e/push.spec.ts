import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { spec } from './kit/spec.ts';
import { shows, until } from './kit/wait.ts';

/** What a browser gives of itself when it subscribes. Its address is nobody's: what is sent there gets nowhere. */
function subscription() {
	const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const p256dh = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65).toString('base64url');
	const auth = randomBytes(16).toString('base64url');
	return { endpoint: 'https://nobody.invalid.push.apple.com/1', keys: { p256dh, auth } };
}

// A push service cannot be had here: the browser's own tools bring the message to the service worker.
export default spec(
	'push',
	{ devices: ['pixel'], serve: ['serve', '--web-push'] },
	async ({ page, site, step, allow, axe }) => {
		const password = 'correct horse battery';
		const email = 'ada@example.com';
		await site.run(
			['person', 'add', '--email', email, '--name', 'Ada Berg', '--role', 'admin', '--password-stdin'],
			password,
		);
		const shown = () =>
			page.evaluate(async () => {
				const all = await (await navigator.serviceWorker.ready).getNotifications();
				return all.map(({ title, body, data }) => ({ title, body, link: data.link }));
			});
		await page.context().grantPermissions(['notifications'], { origin: site.base });

		await step('sign in, with a service worker in charge', async () => {
			await page.goto('/signin');
			await page.getByLabel('E-mail').fill(email);
			await page.getByLabel('Password').fill(password);
			await page.getByRole('button', { name: 'Sign in' }).click();
			await until('a service worker in charge', () =>
				page.evaluate(() => navigator.serviceWorker.controller?.state === 'activated'),
			);
		});
		const call = (method: string, path: string, body?: unknown) =>
			page.evaluate(
				async ([method, path, body]) => {
					const headers = { 'Content-Type': 'application/json' };
					const answer = await fetch(`/api/v1${path}`, { method, headers, ...(body ? { body } : {}) });
					return answer.json();
				},
				[method, path, body ? JSON.stringify(body) : ''] as const,
			);
		const id = await step('a device, and a message that waits to be asked for', async () => {
			await call('PUT', '/me/push', subscription());
			await call('POST', '/me/reminders/test');
			const { items } = await call('GET', '/installation/deliveries');
			return String(items.find(({ channel }: { channel: string }) => channel === 'push').id);
		});
		await step('the settings list it', async () => {
			await page.goto('/settings');
			const mine = page.getByRole('list', { name: 'Devices that show messages' });
			await shows(mine.getByText('Chrome on Android'));
			assert.equal(await page.getByRole('checkbox', { name: /On this device/ }).isChecked(), true);
			await page.getByRole('heading', { name: 'On your devices' }).scrollIntoViewIfNeeded();
			await axe('settings');
		});

		const tools = await page.context().newCDPSession(page);
		let registrationId = '';
		tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
			registrationId = registrations.find(({ isDeleted }) => !isDeleted)?.registrationId ?? registrationId;
		});
		await tools.send('ServiceWorker.enable');
		await until('the registration', () => registrationId);
		const deliver = (message: unknown) =>
			tools.send('ServiceWorker.deliverPushMessage', {
				origin: site.base,
				registrationId,
				data: JSON.stringify(message),
			});

		await step('a message comes: its words are asked for here', async () => {
			await deliver({ id, kind: 'test' });
			await until('a notification', async () => (await shown()).length === 1);
			assert.deepEqual(await shown(), [
				{
					title: 'This is how Fieldreel reminds you',
					body: 'This is a test: the way is open',
					link: '/settings',
				},
			]);
		});
		await step('a message of somebody else says nothing', async () => {
			allow(404, /^\/api\/v1\/me\/push\/messages\//);
			await deliver({ id: '01900000-0000-7000-8000-000000000000', kind: 'nudge' });
			await until('another one', async () => (await shown()).length === 2);
			const silent = (await shown()).find(({ title }) => title === 'Fieldreel');
			assert.deepEqual(silent, {
				title: 'Fieldreel',
				body: 'Something waits for you. Open it to see what.',
				link: '/reviews',
			});
		});
		await step('a tap leads there, in the window that is open', async () => {
			await page.goto('/saved');
			await shows(page.getByRole('heading', { level: 1, name: 'Saved' }));
			await page.evaluate(() => Object.assign(window, { same: true }));
			const worker = page.context().serviceWorkers()[0];
			assert.ok(worker, 'a service worker to talk to');
			await worker.evaluate(async (title) => {
				const scope = self as unknown as { registration: ServiceWorkerRegistration };
				const all = await scope.registration.getNotifications();
				const notification = all.find((one) => one.title === title);
				const Made = (self as unknown as { NotificationEvent: new (type: string, of: unknown) => Event })
					.NotificationEvent;
				const tap = new Made('notificationclick', { notification });
				// Only the browser's own events may be waited for.
				Object.defineProperty(tap, 'waitUntil', { value: () => undefined });
				self.dispatchEvent(tap);
			}, 'This is how Fieldreel reminds you');
			await page.waitForURL('**/settings');
			await shows(page.getByRole('heading', { name: 'On your devices' }));
			assert.equal(await page.evaluate(() => 'same' in window), true, 'no new page');
			assert.equal((await shown()).length, 1, 'what was tapped is gone');
		});
		await step('take it out', async () => {
			await page.getByRole('checkbox', { name: /On this device/ }).click();
			await shows(page.getByRole('status').getByText('No more messages on Chrome on Android'));
			assert.equal((await call('GET', '/me/push')).devices.length, 0);
		});
	},
);
