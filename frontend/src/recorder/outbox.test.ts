import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test, vi } from 'vitest';
import { FakeServer } from './fixture.ts';
import type { Locks } from './locks.ts';
import { Outbox, type OutboxOptions } from './outbox.ts';
import { ServerError } from './server.ts';
import { openSpool, type Spool } from './spool.ts';
import type { Take } from './state.ts';
import { transfer } from './transfer.ts';

/** Locks of one phone: what several tabs share. */
function sharedLocks(): Locks {
	const held = new Map<string, Promise<void>>();
	return {
		async hold(id, signal, waiting, work) {
			while (held.has(id)) {
				waiting();
				await Promise.race([held.get(id), new Promise((r) => signal.addEventListener('abort', r))]);
				signal.throwIfAborted();
			}
			const run = work();
			const done = run.catch(() => {}).then(() => void held.delete(id));
			held.set(id, done);
			await run;
			await done;
		},
	};
}

class Phone {
	server = new FakeServer();
	disk = new IDBFactory();
	locks = sharedLocks();
	spool: Promise<Spool> = openSpool(this.disk);

	/** A tab on this phone. Nothing of another tab is in its memory. */
	async tab(options: OutboxOptions = {}, owner: string | null = 'ada'): Promise<Outbox> {
		const outbox = new Outbox({
			server: this.server,
			spool: openSpool(this.disk),
			locks: this.locks,
			transfer: (o) => transfer({ ...o, stack: this.server.stack }),
			backoff: () => 1,
			metered: () => false,
			...options,
		});
		await outbox.open(owner);
		return outbox;
	}
}

const bytes = (length: number, seed = 1) => Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) % 251);
const slice = (length: number, seed = 1) => new Blob([bytes(length, seed)]);
const camera = { source: 'camera' as const, mime: 'video/mp4', filename: 'take.mp4', title: 'Take of today' };
const only = (outbox: Outbox): Take | undefined => outbox.takes()[0];
const phase = (outbox: Outbox, want: Take['phase']) =>
	vi.waitFor(() => expect(only(outbox)?.phase).toBe(want), { timeout: 3000 });
const joined = (...parts: Uint8Array[]) => parts.flatMap((part) => [...part]);
const received = (server: FakeServer) => [...server.videos.values()].map((v) => [...v.bytes]);

/** Records three slices and stops. */
async function recorded(outbox: Outbox): Promise<string> {
	const take = await outbox.record(camera);
	for (const seed of [1, 2, 3]) await take.append(slice(1000, seed));
	await take.finish(3000);
	return take.id;
}
const whole = joined(bytes(1000, 1), bytes(1000, 2), bytes(1000, 3));

describe('a take', () => {
	test('is sent while it is recorded, and leaves the phone when the receipt is equal', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const take = await outbox.record(camera);
		await take.append(slice(1000, 1));
		await vi.waitFor(() => expect([...phone.server.uploads.values()][0]?.bytes.length).toBe(1000));
		expect(only(outbox)).toMatchObject({ phase: 'recording', safe: true });
		await take.append(slice(1000, 2));
		await take.append(slice(1000, 3));
		await take.finish(3000);
		await phase(outbox, 'sent');
		expect(received(phone.server)).toEqual([whole]);
		const spool = await phone.spool;
		expect(await spool.read(take.id, 0, 9999)).toEqual([]);

		await outbox.release(take.id);
		await vi.waitFor(async () => expect(await spool.rows()).toEqual([]));
	});

	test('asks the server for nothing before there is something to send', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const take = await outbox.record(camera);
		await take.finish(0);
		await vi.waitFor(() => expect(outbox.takes()).toEqual([]));
		expect(phone.server.log).toEqual([]);
	});

	test.each([1, 2, 3, 4, 5, 6, 7, 8])('arrives whole over network %i, which cuts and loses answers', async (seed) => {
		const phone = new Phone();
		let x = seed;
		phone.server.weather = (body) => {
			x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
			const kind = x >>> 30;
			if (kind === 0) return { arrive: Math.floor(((x % 1000) / 1000) * body) };
			return kind === 1 ? { loseAnswer: true } : {};
		};
		const outbox = await phone.tab();
		await recorded(outbox);
		await phase(outbox, 'sent');
		expect(received(phone.server)).toEqual([whole]);
	});

	test('says what it was recorded for, also after a reload', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const purpose = { kind: 'practice' as const, for: 'enrolment' };
		const first = await phone.tab({ backoff: () => 60_000 });
		const take = await first.record({ ...camera, purpose });
		await take.append(slice(1000));
		await take.finish(1000);
		await phase(first, 'waiting');
		await first.open(null);
		phone.server.offline = false;
		const second = await phone.tab();
		expect(only(second)?.purpose).toEqual(purpose);
		await phase(second, 'sent');
		expect([...phone.server.uploads.values()].map((upload) => upload.purpose)).toEqual([purpose]);
	});

	test('waits without a network and goes on when told', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const outbox = await phone.tab({ backoff: () => 60_000 });
		await recorded(outbox);
		await phase(outbox, 'waiting');
		expect(only(outbox)).toMatchObject({ safe: true, sent: 0, size: 3000 });
		phone.server.offline = false;
		outbox.wake();
		await phase(outbox, 'sent');
	});

	test('waits for a sign-in, and is not sent by somebody else', async () => {
		const phone = new Phone();
		phone.server.signedOut = true;
		const outbox = await phone.tab();
		await recorded(outbox);
		await phase(outbox, 'sign_in');
		phone.server.signedOut = false;
		await outbox.open('ben');
		expect(outbox.takes()).toEqual([]);
		expect(received(phone.server)).toEqual([]);
		await outbox.open('ada');
		await phase(outbox, 'sent');
	});

	test('stays when the receipt tells of other bytes, and can be sent again', async () => {
		const phone = new Phone();
		phone.server.liar = { sha256: '00'.repeat(32) };
		const outbox = await phone.tab();
		const id = await recorded(outbox);
		await phase(outbox, 'refused');
		expect(only(outbox)?.refusal?.code).toBe('hash_differs');
		expect((await outbox.blob(id))?.size).toBe(3000);
		phone.server.liar = {};
		await outbox.retry(id);
		await phase(outbox, 'sent');
		expect(received(phone.server)).toEqual([whole, whole]);
	});

	test('stays when the server will not have it, with the server’s words', async () => {
		const phone = new Phone();
		phone.server.refuseCreate = new ServerError(507, 'quota_exceeded', 'No space is left.');
		const outbox = await phone.tab();
		const id = await recorded(outbox);
		await phase(outbox, 'refused');
		expect(only(outbox)?.refusal).toEqual({ code: 'quota_exceeded', detail: 'No space is left.' });
		phone.server.refuseCreate = null;
		await outbox.retry(id);
		await phase(outbox, 'sent');
	});

	test('begins again where the server has forgotten the upload', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const take = await outbox.record(camera);
		await take.append(slice(1000, 1));
		await vi.waitFor(() => expect(phone.server.uploads.size).toBe(1));
		phone.server.uploads.clear();
		await take.append(slice(1000, 2));
		await take.append(slice(1000, 3));
		await take.finish(3000);
		await phase(outbox, 'sent');
		expect(received(phone.server)).toEqual([whole]);
	});

	test('asks before it uses a lot of mobile data', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const outbox = await phone.tab({ metered: () => true, askAbove: 1000 });
		const take = await outbox.record(camera);
		await take.append(slice(1001));
		await take.finish(1);
		await phase(outbox, 'mobile');
		await outbox.retry(take.id);
		await phase(outbox, 'waiting');
	});
});

describe('what the person says about a take', () => {
	test('is told as soon as the video exists', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const outbox = await phone.tab();
		const id = await recorded(outbox);
		await outbox.describe(id, { audience: 'team', title: 'Price' });
		await outbox.release(id);
		phone.server.offline = false;
		outbox.wake();
		await vi.waitFor(() =>
			expect([...phone.server.videos.values()][0]?.details).toEqual({ audience: 'team', title: 'Price' }),
		);
		await vi.waitFor(async () => expect(await (await phone.spool).rows()).toEqual([]));
	});

	test('is told afterwards too, while the screen still shows the take', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const id = await recorded(outbox);
		await phase(outbox, 'sent');
		await outbox.describe(id, { audience: 'everyone' });
		await outbox.release(id);
		await vi.waitFor(() => expect([...phone.server.videos.values()][0]?.details).toEqual({ audience: 'everyone' }));
	});

	test('survives the tab', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const before = await phone.tab();
		const id = await recorded(before);
		await before.describe(id, { audience: 'team' });
		await before.open(null); // the tab is closed: nothing of it runs any more
		phone.server.offline = false;
		await phone.tab();
		await vi.waitFor(() => expect([...phone.server.videos.values()][0]?.details).toEqual({ audience: 'team' }));
		expect(received(phone.server)).toEqual([whole]);
	});
});

describe('after the browser was killed', () => {
	test('a half-recorded take is found, sent as far as it goes, and said to be cut', async () => {
		const phone = new Phone();
		const before = await phone.tab();
		const take = await before.record(camera);
		await take.append(slice(1000, 1));
		await take.append(slice(500, 2));
		await vi.waitFor(() => expect([...phone.server.uploads.values()][0]?.bytes.length).toBe(1500));
		await before.open(null);

		phone.server.offline = true;
		const after = await phone.tab();
		expect(only(after)).toMatchObject({ cut: true, size: 1500 });
		phone.server.offline = false;
		after.wake();
		await vi.waitFor(() => expect(received(phone.server)).toEqual([joined(bytes(1000, 1), bytes(500, 2))]));
		expect(phone.server.uploads.size).toBe(1);
	});

	test('a lost address is found again by the client id, without sending twice', async () => {
		const phone = new Phone();
		const before = await phone.tab();
		const take = await before.record(camera);
		await take.append(slice(1000, 1));
		await vi.waitFor(() => expect([...phone.server.uploads.values()][0]?.bytes.length).toBe(1000));
		await before.open(null);
		await (await phone.spool).change(take.id, { url: null });
		await phone.tab();
		await vi.waitFor(() => expect(received(phone.server)).toEqual([[...bytes(1000, 1)]]));
		expect(phone.server.uploads.size).toBe(1);
	});

	test('what the server got beyond the kept bytes does not hold the kept ones up', async () => {
		const phone = new Phone();
		const before = await phone.tab();
		const take = await before.record(camera);
		await take.append(slice(1000, 1));
		await vi.waitFor(() => expect([...phone.server.uploads.values()][0]?.bytes.length).toBe(1000));
		await before.open(null);
		for (const upload of phone.server.uploads.values()) upload.bytes = bytes(1200, 1);
		await phone.tab();
		await vi.waitFor(() => expect(received(phone.server)).toEqual([[...bytes(1000, 1)]]));
	});
});

describe('a picked file', () => {
	const file = () => new File([bytes(5000)], 'call.mov', { type: 'video/quicktime' });

	test('is copied and sent', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		await outbox.pick(file(), 'Call');
		await phase(outbox, 'sent');
		expect(received(phone.server)).toEqual([[...bytes(5000)]]);
	});

	test('that was copied is sent after a reload without being picked again', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const before = await phone.tab();
		await before.pick(file(), 'Call');
		await vi.waitFor(async () => expect((await (await phone.spool).rows())[0]?.size).toBe(5000));
		await before.open(null);
		phone.server.offline = false;
		await phone.tab();
		await vi.waitFor(() => expect(received(phone.server)).toEqual([[...bytes(5000)]]));
	});

	test('too large to be copied has to be the same when it is picked again', async () => {
		const phone = new Phone();
		phone.server.weather = () => ({ arrive: 2000 });
		const before = await phone.tab({ copyBelow: 100, backoff: () => 60_000 });
		const id = await before.pick(file(), 'Call');
		await vi.waitFor(() => expect([...phone.server.uploads.values()][0]?.bytes.length).toBe(2000));
		phone.server.offline = true;
		await before.open(null);
		phone.server.offline = false;
		phone.server.weather = () => ({});

		const after = await phone.tab({ copyBelow: 100 });
		await phase(after, 'file');
		expect(await after.pickAgain(id, new File([bytes(5000, 9)], 'call.mov'))).toBe(false);
		expect(await after.pickAgain(id, new File([bytes(4999)], 'call.mov'))).toBe(false);
		expect(await after.pickAgain(id, file())).toBe(true);
		await phase(after, 'sent');
		expect(received(phone.server)).toEqual([[...bytes(5000)]]);
	});
});

describe('two tabs', () => {
	test('send a take once; the second goes on when the first is closed', async () => {
		const phone = new Phone();
		phone.server.offline = true;
		const first = await phone.tab();
		await recorded(first);
		const second = await phone.tab();
		await phase(second, 'elsewhere');
		phone.server.offline = false;
		await first.open(null);
		await vi.waitFor(() => expect(received(phone.server)).toEqual([whole]));
	});
});

describe('a discarded take', () => {
	test('goes from the phone and from the server', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const take = await outbox.record(camera);
		await take.append(slice(1000));
		await vi.waitFor(() => expect(phone.server.uploads.size).toBe(1));
		await outbox.discard(take.id);
		expect(outbox.takes()).toEqual([]);
		await vi.waitFor(async () => expect(await (await phone.spool).rows()).toEqual([]));
		expect(phone.server.uploads.size).toBe(0);
	});

	test('goes from the server too when it has become a video', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const id = await recorded(outbox);
		await phase(outbox, 'sent');
		await outbox.discard(id);
		await vi.waitFor(() => expect(phone.server.videos.size).toBe(0));
	});

	test('without a network goes from the phone at once, and from the server later', async () => {
		const phone = new Phone();
		const outbox = await phone.tab();
		const take = await outbox.record(camera);
		await take.append(slice(1000));
		await vi.waitFor(() => expect(phone.server.uploads.size).toBe(1));
		phone.server.offline = true;
		await outbox.discard(take.id);
		expect(outbox.takes()).toEqual([]);
		expect(await (await phone.spool).read(take.id, 0, 9999)).toEqual([]);
		await outbox.open(null);
		phone.server.offline = false;
		await phone.tab();
		await vi.waitFor(() => expect(phone.server.uploads.size).toBe(0));
	});
});

test('a full phone still sends what it could not keep, and says so', async () => {
	const phone = new Phone();
	const spool = await openSpool(phone.disk);
	const append = spool.append.bind(spool);
	spool.append = (id, piece, hash) =>
		hash.length > 1500 ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : append(id, piece, hash);
	phone.server.offline = true;
	const outbox = await phone.tab({ spool: Promise.resolve(spool) });
	const id = await recorded(outbox);
	await phase(outbox, 'waiting');
	expect(only(outbox)?.safe).toBe(false);
	expect((await outbox.blob(id))?.size).toBe(3000);
	phone.server.offline = false;
	outbox.wake();
	await phase(outbox, 'sent');
	expect(received(phone.server)).toEqual([whole]);
	expect(await spool.read(id, 0, 9999)).toEqual([]);
});
