import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HoldToTalk, mostMs } from './hold.svelte.ts';

let now = 0;
let got: (Blob | undefined)[] = [];
let begun = 0;
let dropped = 0;
let refuse: unknown;
let slow: Promise<void> | undefined;
const make = () =>
	new HoldToTalk({
		now: () => now,
		begins: () => begun++,
		ends: (recording) => got.push(recording),
		open: async (onLevel) => {
			await slow;
			if (refuse) throw refuse;
			onLevel(0.5);
			return { finish: async () => new Blob(['voice']), drop: () => dropped++ };
		},
	});
const pass = async (ms: number) => {
	now += ms;
	await vi.advanceTimersByTimeAsync(ms);
};

beforeEach(() => {
	vi.useFakeTimers();
	[now, got, begun, dropped, refuse, slow] = [0, [], 0, 0, undefined, undefined];
});
afterEach(() => {
	vi.useRealTimers();
});

describe('hold to talk', () => {
	it('records while it is held', async () => {
		const hold = make();
		await hold.press();
		expect([hold.state, hold.held, hold.level, begun]).toEqual(['recording', true, 0.5, 1]);
		await pass(2000);
		expect(hold.ms).toBe(2000);
		await hold.lift();
		expect([hold.state, got.length, got[0]?.size]).toEqual(['idle', 1, 5]);
	});

	it('drops what the finger slides away from, and not what it comes back to', async () => {
		const hold = make();
		await hold.press();
		await pass(2000);
		hold.slide(true);
		hold.slide(false);
		hold.slide(true);
		expect(hold.away).toBe(true);
		await hold.lift();
		expect([got, dropped, hold.away]).toEqual([[undefined], 1, false]);
	});

	it('goes on after a tap, until the next', async () => {
		const hold = make();
		await hold.press();
		await pass(100);
		await hold.lift();
		expect([hold.state, hold.held]).toEqual(['recording', false]);
		await pass(3000);
		await hold.press();
		expect([hold.state, got[0]?.size]).toEqual(['idle', 5]);
		await hold.lift(); // the finger of that second tap
		expect(got).toHaveLength(1);
	});

	it('ends by itself after a minute', async () => {
		const hold = make();
		await hold.press();
		await pass(mostMs + 200);
		expect([hold.state, got[0]?.size]).toEqual(['idle', 5]);
	});

	it('drops what is too short to be words', async () => {
		let open: () => void = () => undefined;
		slow = new Promise((resolve) => {
			open = resolve;
		});
		const hold = make();
		const pressed = hold.press();
		await pass(1000);
		await hold.lift(); // let go while the browser still asked
		expect(hold.state).toBe('opening');
		open();
		await pressed;
		expect([hold.state, got, dropped]).toEqual(['idle', [undefined], 1]);
	});

	it('keeps what was said when the page goes away', async () => {
		const hold = make();
		await hold.press();
		await pass(2000);
		await hold.interrupted();
		expect(got[0]?.size).toBe(5);
	});

	it('says why there is no microphone, and lets the video go on', async () => {
		refuse = new DOMException('no', 'NotAllowedError');
		const hold = make();
		await hold.press();
		expect([hold.state, got]).toEqual(['idle', [undefined]]);
		expect(hold.problem?.message).toMatch(/settings/);
		refuse = new DOMException('no', 'NotFoundError');
		await hold.press();
		expect(hold.problem?.message).toMatch(/no microphone/);
	});
});
