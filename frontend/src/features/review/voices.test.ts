import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { noAnswer, Problem } from '../../api/problem.ts';
import { openVoices } from './voice-store.ts';
import { Voices } from './voices.svelte.ts';

const factory = { disk: new IDBFactory() };
let sent: [string, string][] = [];
let down = false;
const open = (person = 'me', review = 'r1') =>
	new Voices({
		person,
		review,
		store: openVoices(factory.disk),
		send: async (note, bytes) => {
			if (down) throw noAnswer();
			if (note === 'bad') throw new Problem(422, 'voice_unfit', 'That is no recording.');
			sent.push([note, await bytes.text()]);
		},
	});

beforeEach(() => {
	factory.disk = new IDBFactory();
	[sent, down] = [[], false];
	vi.stubGlobal('URL', Object.assign(URL, { createObjectURL: () => 'blob:x', revokeObjectURL: () => undefined }));
});

describe('voice notes', () => {
	it('are on the device until the server has them', async () => {
		down = true;
		const first = open();
		await first.keep('n1', new Blob(['one'], { type: 'audio/webm' }));
		await first.flush(['n1']);
		expect([first.left(['n1', 'n2']), first.problem?.offline, sent]).toEqual([['n1'], true, []]);
		// The tab is closed; the network comes back.
		const next = open();
		await next.begin();
		expect(next.here.get('n1')).toBe('blob:x');
		down = false;
		await next.flush(['n1']);
		expect([next.left(['n1']), next.problem, sent]).toEqual([[], undefined, [['n1', 'one']]]);
		const last = open();
		await last.begin();
		expect(last.here.size).toBe(0);
	});

	it('of a note that was deleted stay here for an undo, and go when the review was sent', async () => {
		const voices = open();
		await voices.keep('gone', new Blob(['x']));
		await voices.flush([]);
		expect([sent, voices.here.size]).toEqual([[], 1]);
		await voices.forget();
		const next = open();
		await next.begin();
		expect(next.here.size).toBe(0);
	});

	it('that the server refuses do not hold up the others', async () => {
		const voices = open();
		await voices.keep('bad', new Blob(['x']));
		await voices.keep('good', new Blob(['y']));
		await voices.flush(['bad', 'good']);
		expect([sent, voices.left(['bad', 'good']), voices.problem?.code]).toEqual([
			[['good', 'y']],
			['bad'],
			'voice_unfit',
		]);
	});

	it('are nobody else’s', async () => {
		await open('them').keep('n1', new Blob(['x']));
		const voices = open();
		await voices.begin();
		expect(voices.here.size).toBe(0);
	});

	it('live as long as the page where nothing is kept', async () => {
		const store = await openVoices(null as unknown as IDBFactory);
		await store.put({ note_id: 'a', review_id: 'r', person_id: 'p', bytes: new ArrayBuffer(1), type: '' });
		expect(await store.of('p', 'r')).toHaveLength(1);
		await store.drop('a');
		expect(await store.of('p', 'r')).toHaveLength(0);
	});
});
