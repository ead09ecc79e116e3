import { beforeEach, describe, expect, it } from 'vitest';
import { sourceOf, type Verdict, type WatchEvent, WatchLog } from './watch-log.ts';

const person = '0190-me';
const at = Date.parse('2026-11-22T10:00:00Z');

beforeEach(() => localStorage.clear());

/** A log whose server can be told to answer or not. */
function setup(options: { storage?: Storage | undefined; now?: () => number; person?: string } = {}) {
	const sent: WatchEvent[][] = [];
	const server = { verdict: 'done' as Verdict, hold: undefined as Promise<void> | undefined };
	const log = new WatchLog({
		person: options.person ?? person,
		storage: 'storage' in options ? options.storage : localStorage,
		now: options.now ?? (() => at),
		async send(events) {
			sent.push(events);
			await server.hold;
			return server.verdict;
		},
	});
	return { log, sent, server };
}

describe('the log of what was watched', () => {
	it('sends what was played, with the time and where it came from, once', async () => {
		const { log, sent } = setup();
		log.add('v1', [{ from_ms: 0, to_ms: 4000 }], 'search');
		await log.flush();
		await log.flush();
		expect(sent).toHaveLength(1);
		expect(sent[0]).toEqual([
			{
				id: expect.stringMatching(/^[0-9a-f-]{36}$/),
				video_id: 'v1',
				from_ms: 0,
				to_ms: 4000,
				at: '2026-11-22T10:00:00.000Z',
				source: 'search',
			},
		]);
		expect(localStorage).toHaveLength(0);
	});
	it('keeps what no server took, under the same ids, also for the next visit', async () => {
		const { log, sent, server } = setup();
		server.verdict = 'later';
		log.add('v1', [{ from_ms: 0, to_ms: 4000 }], 'player');
		await log.flush();
		const next = setup();
		await next.log.flush();
		expect(next.sent[0]?.map(({ id }) => id)).toEqual(sent[0]?.map(({ id }) => id));
		expect(next.log.waiting()).toEqual([]);
	});
	it('keeps what was added while a batch is under way, and sends it after', async () => {
		const { log, sent, server } = setup();
		let free: () => void = () => undefined;
		server.hold = new Promise((resolve) => {
			free = resolve;
		});
		log.add('v1', [{ from_ms: 0, to_ms: 1000 }], 'player');
		const first = log.flush();
		log.add('v1', [{ from_ms: 1000, to_ms: 2000 }], 'player');
		await log.flush(); // under way: nothing twice
		expect(sent).toHaveLength(1);
		free();
		await first;
		expect(sent.map((batch) => batch.map(({ from_ms }) => from_ms))).toEqual([[0], [1000]]);
	});
	it('never sends what somebody else watched on this device', async () => {
		const other = setup({ person: 'other' });
		other.server.verdict = 'later';
		other.log.add('v1', [{ from_ms: 0, to_ms: 4000 }], 'player');
		const { log, sent } = setup();
		await log.flush();
		expect(sent).toEqual([]);
		expect(other.log.waiting()).toHaveLength(1);
	});
	it('sends many in batches that fit through a closing page', async () => {
		const { log, sent } = setup();
		const many = Array.from({ length: 450 }, (_, i) => ({ from_ms: i * 1000, to_ms: i * 1000 + 1000 }));
		log.add('v1', many, 'player');
		await log.flush();
		expect(sent.map(({ length }) => length)).toEqual([200, 200, 50]);
		for (const batch of sent) expect(JSON.stringify({ events: batch }).length).toBeLessThan(60_000);
		expect(new Set(sent.flat().map(({ id }) => id)).size).toBe(450);
	});
	it('throws away what the server would not take any more, and what it cannot read', () => {
		localStorage.setItem(`fieldreel.watched.${person}.x`, '{broken');
		const { log } = setup();
		log.add('v1', [{ from_ms: 0, to_ms: 4000 }], 'player');
		const later = setup({ now: () => at + 30 * 86_400_000 });
		expect(later.log.waiting()).toEqual([]);
		expect(localStorage).toHaveLength(0);
	});
	it('works for the length of a visit where the browser keeps nothing', async () => {
		const full = new Proxy(localStorage, {
			get: (target, name) =>
				name === 'setItem'
					? () => {
							throw new DOMException('full', 'QuotaExceededError');
						}
					: Reflect.get(target, name, target),
		});
		for (const storage of [undefined, full]) {
			const { log, sent, server } = setup({ storage });
			server.verdict = 'later';
			log.add('v1', [{ from_ms: 0, to_ms: 4000 }], 'player');
			await log.flush();
			server.verdict = 'done';
			await log.flush();
			await log.flush();
			expect(sent).toHaveLength(2);
			expect(sent[0]?.[0]?.id).toBe(sent[1]?.[0]?.id);
		}
	});
});

it.each([
	['search', 'search'],
	['team', 'team'],
	['', 'player'],
	['<b>', 'player'],
	['x'.repeat(41), 'player'],
])('the source %s is told as %s', (given, want) => expect(sourceOf(given)).toBe(want));
