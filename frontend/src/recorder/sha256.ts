/**
 * SHA-256 (FIPS 180-4) that is fed piece by piece. crypto.subtle wants the whole message at once, and a take is
 * hashed while it is recorded, continued after a reload, and may be larger than the memory of a phone.
 */

/** How far a hash has come; plain data, so that it can be kept in IndexedDB beside the bytes that it covers. */
export interface Sha256State {
	/** The eight words of the intermediate hash value. */
	readonly words: readonly number[];
	/** Bytes hashed so far. */
	readonly length: number;
	/** The bytes after the last whole block, fewer than 64. */
	readonly rest: readonly number[];
}

const BLOCK = 64;

// The first 32 bits of the fractional parts of the square roots of the first 8 primes, and of the cube roots of the
// first 64 (FIPS 180-4, 5.3.3 and 4.2.2). Computed, so that a table cannot be mistyped; the tests hold the results
// against the standard's examples.
const [INITIAL, K] = constants();

function constants(): [Uint32Array, Uint32Array] {
	const primes: number[] = [];
	for (let n = 2; primes.length < BLOCK; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
	const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
	return [
		Uint32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p))),
		Uint32Array.from(primes, (p) => fraction(Math.cbrt(p))),
	];
}

export class Sha256 {
	#words = Uint32Array.from(INITIAL);
	#length = 0;
	#rest = new Uint8Array(BLOCK);
	#schedule = new Uint32Array(BLOCK);

	/** Goes on from a kept state. */
	static from(state: Sha256State): Sha256 {
		const h = new Sha256();
		h.#words.set(state.words);
		h.#length = state.length;
		h.#rest.set(state.rest);
		return h;
	}

	/** Bytes hashed so far. */
	get length(): number {
		return this.#length;
	}

	update(bytes: Uint8Array): this {
		let at = 0;
		let held = this.#length % BLOCK;
		this.#length += bytes.length;
		if (held > 0) {
			const taken = Math.min(BLOCK - held, bytes.length);
			this.#rest.set(bytes.subarray(0, taken), held);
			at = taken;
			held += taken;
			if (held < BLOCK) return this;
			this.#block(this.#rest, 0);
		}
		for (; at + BLOCK <= bytes.length; at += BLOCK) this.#block(bytes, at);
		this.#rest.set(bytes.subarray(at));
		return this;
	}

	state(): Sha256State {
		return {
			words: Array.from(this.#words),
			length: this.#length,
			rest: Array.from(this.#rest.subarray(0, this.#length % BLOCK)),
		};
	}

	/** The hash of what was fed so far, in lower-case hex. More can be fed afterwards. */
	hex(): string {
		const end = Sha256.from(this.state());
		const bits = this.#length * 8;
		const padding = new Uint8Array(((this.#length % BLOCK) + 9 > BLOCK ? 2 * BLOCK : BLOCK) - (this.#length % BLOCK));
		padding[0] = 0x80;
		const tail = new DataView(padding.buffer, padding.length - 8);
		tail.setUint32(0, Math.floor(bits / 2 ** 32));
		tail.setUint32(4, bits >>> 0);
		end.update(padding);
		return Array.from(end.#words, (word) => word.toString(16).padStart(8, '0')).join('');
	}

	#block(bytes: Uint8Array, at: number): void {
		const w = this.#schedule;
		const h = this.#words;
		for (let i = 0, p = at; i < 16; i++, p += 4) {
			w[i] = (of(bytes, p) << 24) | (of(bytes, p + 1) << 16) | (of(bytes, p + 2) << 8) | of(bytes, p + 3);
		}
		for (let i = 16; i < BLOCK; i++) {
			const x = of(w, i - 15);
			const y = of(w, i - 2);
			const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
			const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
			w[i] = of(w, i - 16) + s0 + of(w, i - 7) + s1;
		}
		let a = of(h, 0);
		let b = of(h, 1);
		let c = of(h, 2);
		let d = of(h, 3);
		let e = of(h, 4);
		let f = of(h, 5);
		let g = of(h, 6);
		let last = of(h, 7);
		for (let i = 0; i < BLOCK; i++) {
			const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
			const t1 = (last + s1 + ((e & f) ^ (~e & g)) + of(K, i) + of(w, i)) | 0;
			const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
			const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			last = g;
			g = f;
			f = e;
			e = (d + t1) | 0;
			d = c;
			c = b;
			b = a;
			a = (t1 + t2) | 0;
		}
		const mixed = [a, b, c, d, e, f, g, last];
		for (let i = 0; i < 8; i++) h[i] = of(h, i) + (mixed[i] ?? 0);
	}
}

/** An element that is known to be there; typed arrays say "or undefined" for every index. */
function of(list: Uint8Array | Uint32Array, i: number): number {
	return list[i] as number;
}
