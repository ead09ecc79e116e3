import { describe, expect, it } from 'vitest';
import { Played, type Range } from './played.ts';

/** A player that runs evenly: samples four times a second. */
function player(rate = 1) {
	const played = new Played();
	let clock = 1000;
	let at = 0;
	const sample = (playing: boolean) => played.sample({ at_ms: at, clock_ms: clock, rate, playing });
	return {
		play(ms: number) {
			sample(true);
			for (let t = 0; t < ms; t += 250) {
				clock += 250;
				at += 250 * rate;
				sample(true);
			}
		},
		pause: () => sample(false),
		/** The browser tells of a seek when the position has changed already. */
		seek(to: number) {
			at = to;
			sample(false);
		},
		wait(ms: number) {
			clock += ms;
		},
		jump(to: number) {
			at = to;
		},
		take: () => played.take(),
		sample,
	};
}
const ranges = (list: Range[]) => list.map(({ from_ms, to_ms }) => [from_ms, to_ms]);

describe('what was really played', () => {
	it('is one range from play to pause', () => {
		const p = player();
		p.play(4000);
		p.pause();
		expect(ranges(p.take())).toEqual([[0, 4000]]);
		expect(p.take()).toEqual([]);
	});
	it('goes on in the next range where it was cut for sending', () => {
		const p = player();
		p.play(4000);
		expect(ranges(p.take())).toEqual([[0, 4000]]);
		p.play(2000);
		p.pause();
		expect(ranges(p.take())).toEqual([[4000, 6000]]);
	});
	it('leaves out what was jumped over, forwards and back', () => {
		const p = player();
		p.play(2000);
		p.seek(30_000);
		p.play(1000);
		p.seek(500);
		p.play(1000);
		p.pause();
		expect(ranges(p.take())).toEqual([
			[0, 2000],
			[30_000, 31_000],
			[500, 1500],
		]);
	});
	it('leaves out a jump that no event told of', () => {
		const p = player();
		p.play(2000);
		p.wait(250);
		p.jump(20_000);
		p.play(1000);
		p.pause();
		expect(ranges(p.take())).toEqual([
			[0, 2000],
			[20_000, 21_000],
		]);
	});
	it('counts seconds of the video, not of the clock, at double speed', () => {
		const p = player(2);
		p.play(3000);
		p.pause();
		expect(ranges(p.take())).toEqual([[0, 6000]]);
	});
	it('takes a jump for a jump at double speed, too', () => {
		const p = player(2);
		p.play(1000);
		p.wait(250);
		p.jump(2000 + 500 + 2000);
		p.sample(true);
		p.pause();
		expect(ranges(p.take())).toEqual([[0, 2000]]);
	});
	it('adds nothing while the player waits for bytes', () => {
		const p = player();
		p.play(2000);
		p.wait(8000);
		p.sample(true);
		p.play(1000);
		p.pause();
		expect(ranges(p.take())).toEqual([[0, 3000]]);
	});
	it('adds nothing while it is paused, wherever the slider goes', () => {
		const p = player();
		p.seek(5000);
		p.seek(9000);
		p.wait(60_000);
		p.pause();
		expect(p.take()).toEqual([]);
	});
	it('passes over the flicker of scrubbing', () => {
		const p = player();
		for (const to of [1000, 8000, 3000, 12_000]) {
			p.seek(to);
			p.sample(true);
			p.wait(100);
			p.jump(to + 100);
			p.sample(false);
		}
		expect(p.take()).toEqual([]);
	});
	it('ends a range where the source is taken away', () => {
		const p = player();
		p.play(3000);
		p.seek(0); // what an emptied player says
		expect(ranges(p.take())).toEqual([[0, 3000]]);
	});
});
