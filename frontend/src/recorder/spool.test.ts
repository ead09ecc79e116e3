import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { rowOf } from './fixture.ts';
import { Sha256 } from './sha256.ts';
import { MemorySpool, openSpool, ReceiptDiffers, type Spool } from './spool.ts';

async function fill(spool: Spool, id: string, pieces: number[][]): Promise<Sha256> {
	const hash = new Sha256();
	for (const piece of pieces) {
		const bytes = Uint8Array.from(piece);
		hash.update(bytes);
		await spool.append(id, bytes.buffer, hash.state());
	}
	return hash;
}

const flat = (parts: Uint8Array[]) => parts.flatMap((part) => [...part]);

const kinds: [string, () => Promise<Spool>][] = [
	['on the disk', () => openSpool(new IDBFactory())],
	['in memory', async () => new MemorySpool()],
];

describe.each(kinds)('a spool %s', (_, make) => {
	test('gives back any stretch of what was appended, however it was cut', async () => {
		const spool = await make();
		await spool.begin(rowOf('a'));
		await spool.begin(rowOf('b'));
		await fill(spool, 'a', [[0, 1, 2], [3], [4, 5, 6, 7]]);
		await fill(spool, 'b', [[9, 9, 9]]);
		for (let start = 0; start <= 9; start++) {
			for (let end = start; end <= 9; end++) {
				const want = [0, 1, 2, 3, 4, 5, 6, 7].slice(start, end);
				expect(flat(await spool.read('a', start, end)), `${start} to ${end}`).toEqual(want);
			}
		}
		expect((await spool.row('a'))?.written).toBe(8);
	});

	test('refuses a piece whose hash covers other bytes, and keeps nothing of it', async () => {
		const spool = await make();
		await spool.begin(rowOf('a'));
		const hash = await fill(spool, 'a', [[1, 2]]);
		await expect(spool.append('a', new ArrayBuffer(3), hash.state())).rejects.toThrow('does not cover');
		expect(flat(await spool.read('a', 0, 100))).toEqual([1, 2]);
		await expect(spool.append('gone', new ArrayBuffer(0), hash.state())).rejects.toThrow();
	});

	test('changes a row without losing what was appended meanwhile', async () => {
		const spool = await make();
		await spool.begin(rowOf('a'));
		const adding = fill(spool, 'a', [[1], [2], [3]]);
		await spool.change('a', { url: '/u/1' });
		await adding;
		expect(await spool.row('a')).toMatchObject({ url: '/u/1', written: 3 });
		expect(await spool.change('gone', { url: '/u/2' })).toBeUndefined();
	});

	test.each([
		['another hash', { sha256: '00'.repeat(32) }],
		['another size', { size: 4 }],
		['no video', { videoId: '' }],
		['an unfinished upload', { state: 'receiving' as const }],
	])('keeps the bytes when the receipt tells of %s', async (_what, wrong) => {
		const spool = await make();
		await spool.begin(rowOf('a'));
		const hash = await fill(spool, 'a', [[1, 2, 3]]);
		await spool.change('a', { size: 3 });
		const good = { state: 'finished' as const, size: 3, sha256: hash.hex(), videoId: 'v1' };
		await expect(spool.release('a', { ...good, ...wrong })).rejects.toThrow(ReceiptDiffers);
		await expect(spool.forget('a')).rejects.toThrow(ReceiptDiffers);
		expect(flat(await spool.read('a', 0, 3))).toEqual([1, 2, 3]);

		await spool.release('a', good);
		expect(await spool.read('a', 0, 3)).toEqual([]);
		expect(await spool.row('a')).toMatchObject({ videoId: 'v1', written: 0 });
		await spool.forget('a');
		expect(await spool.rows()).toEqual([]);
	});

	test('keeps the bytes of a take whose length is not known yet, whatever the receipt says', async () => {
		const spool = await make();
		await spool.begin(rowOf('a'));
		const hash = await fill(spool, 'a', [[1, 2, 3]]);
		const receipt = { state: 'finished' as const, size: 3, sha256: hash.hex(), videoId: 'v1' };
		await expect(spool.release('a', receipt)).rejects.toThrow(ReceiptDiffers);
	});

	test('discards one take and no other', async () => {
		const spool = await make();
		await spool.begin(rowOf('a'));
		await spool.begin(rowOf('ab'));
		await fill(spool, 'a', [[1]]);
		await fill(spool, 'ab', [[2], [3]]);
		await spool.discard('a');
		expect(await spool.row('a')).toMatchObject({ discarded: true, written: 0 });
		await spool.forget('a');
		expect((await spool.rows()).map((row) => row.id)).toEqual(['ab']);
		expect(flat(await spool.read('ab', 0, 9))).toEqual([2, 3]);
		expect(await spool.read('a', 0, 9)).toEqual([]);
	});
});

test('what was appended is there after the page is gone', async () => {
	const factory = new IDBFactory();
	const before = await openSpool(factory);
	await before.begin(rowOf('a'));
	const hash = await fill(before, 'a', [[1, 2], [3]]);
	const after = await openSpool(factory);
	const [row] = await after.rows();
	expect(row).toMatchObject({ id: 'a', written: 3, size: null, stopped: false });
	expect(row && Sha256.from(row.hash).hex()).toBe(hash.hex());
	expect(flat(await after.read('a', 1, 3))).toEqual([2, 3]);
});

test('without IndexedDB takes live as long as the page, and say so', async () => {
	const refusing = {
		open() {
			throw new DOMException('storage is switched off', 'SecurityError');
		},
	} as unknown as IDBFactory;
	expect((await openSpool(refusing)).durable).toBe(false);
	expect((await openSpool(new IDBFactory())).durable).toBe(true);
});
