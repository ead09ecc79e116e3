import { describe, expect, test } from 'vitest';
import { Sha256 } from './sha256.ts';

const text = (s: string) => new TextEncoder().encode(s);
const reference = async (bytes: Uint8Array<ArrayBuffer>) =>
	Array.from(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)), (b) => b.toString(16).padStart(2, '0')).join(
		'',
	);

/** Bytes of a fixed sequence (Numerical Recipes' linear congruence), the same on every run. */
function noise(length: number, seed = 1): Uint8Array<ArrayBuffer> {
	let x = seed;
	return Uint8Array.from({ length }, () => {
		x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
		return x >>> 24;
	});
}

describe('Sha256', () => {
	test.each([
		['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
		['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
		[
			'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
			'248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
		],
	])('gives the hash that the standard prints for %j', (message, want) => {
		expect(new Sha256().update(text(message)).hex()).toBe(want);
	});

	test('agrees with another implementation at every length around the edges of a block', async () => {
		const bytes = noise(200);
		for (let n = 0; n <= 200; n++) {
			expect(new Sha256().update(bytes.subarray(0, n)).hex(), `${n} bytes`).toBe(await reference(bytes.slice(0, n)));
		}
	});

	test('does not mind how the message is cut, nor where it is put away and taken up again', async () => {
		const bytes = noise(300_000, 7);
		const cuts = noise(4000, 3);
		let h = new Sha256();
		let at = 0;
		for (let i = 0; at < bytes.length; i++) {
			const next = at + (cuts[i % cuts.length] as number);
			h.update(bytes.subarray(at, next));
			at = next;
			if (i % 5 === 0) h = Sha256.from(structuredClone(h.state()));
			if (i % 50 === 0) h.hex();
		}
		expect(h.length).toBe(bytes.length);
		expect(h.hex()).toBe(await reference(bytes));
	});

	test('counts beyond 4 GiB of bits', () => {
		// 2^29 bytes are 2^32 bits: the length's upper word is what tells these two apart.
		const far = Sha256.from({ ...new Sha256().state(), length: 2 ** 29 });
		expect(far.hex()).not.toBe(new Sha256().hex());
	});
});
