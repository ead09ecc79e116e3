import { beforeEach, describe, expect, it } from 'vitest';
import { commandOf } from './keys.ts';
import { keepPrefs, nextSpeed, readPrefs } from './prefs.ts';
import { choose, expiring, longMs } from './source.ts';
import { readTiles, tileAt } from './storyboard.ts';
import { heatPath, nearest } from './strip.ts';

describe('what to play', () => {
	const both = { progressive: 'p.mp4', hls: 'm.m3u8' };
	it.each([
		['a pitch', both, 60_000, false, 'progressive'],
		['a long video', both, longMs, false, 'hls'],
		['a pitch on a slow line', both, 60_000, true, 'hls'],
		['a long video without renditions', { progressive: 'p.mp4' }, longMs, true, 'progressive'],
		['renditions alone', { hls: 'm.m3u8' }, 1000, false, 'hls'],
		['nothing yet', {}, 0, false, undefined],
	])('%s', (_, media, length, stalled, want) => expect(choose(media, length, stalled)?.kind).toBe(want));

	it('knows addresses that are about to end', () => {
		const now = Date.parse('2026-11-22T10:00:00Z');
		expect(expiring({ expires_at: '2026-11-22T10:00:30Z' }, now)).toBe(true);
		expect(expiring({ expires_at: '2026-11-22T10:05:00Z' }, now)).toBe(false);
		expect(expiring({}, now)).toBe(false);
	});
});

describe('the storyboard', () => {
	const vtt = `WEBVTT

00:00:00.000 --> 00:00:10.416
storyboard.jpg#xywh=0,0,90,160

1
01:00:10.416 --> 01:00:20.833
storyboard.jpg#xywh=90,160,90,160

NOTE nothing
here --> there
storyboard.jpg#xywh=1,2

00:30.000 --> 00:40.000
storyboard.jpg#xywh=1,2,0,160
`;
	it('is read, and what is broken passed over', () => {
		const tiles = readTiles(vtt, 'http://localhost/media/TICKET/storyboard.vtt');
		expect(tiles).toEqual([
			{ start_ms: 0, end_ms: 10_416, sheet: '/media/TICKET/storyboard.jpg', x: 0, y: 0, width: 90, height: 160 },
			{
				start_ms: 3_610_416,
				end_ms: 3_620_833,
				sheet: '/media/TICKET/storyboard.jpg',
				x: 90,
				y: 160,
				width: 90,
				height: 160,
			},
		]);
		expect(tileAt(tiles, 5000)?.x).toBe(0);
		expect(tileAt(tiles, 11_000)?.x).toBe(0);
		expect(tileAt(tiles, 9_999_999)?.x).toBe(90);
		expect(tileAt([], 0)).toBeUndefined();
	});
});

describe('keys', () => {
	const press = (key: string, html = '<p></p>', init: KeyboardEventInit = {}) => {
		document.body.innerHTML = html;
		let got: string | undefined;
		const listen = (event: KeyboardEvent) => {
			got = commandOf(event);
		};
		addEventListener('keydown', listen);
		document.body.firstElementChild?.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }));
		removeEventListener('keydown', listen);
		return got;
	};
	it.each([
		[' ', 'toggle'],
		['k', 'toggle'],
		['K', 'toggle'],
		['j', 'back'],
		['ArrowRight', 'forward'],
		['<', 'slower'],
		['.', 'frameOn'],
		['c', 'note'],
		['w', 'work'],
		['x', undefined],
	])('%s is %s', (key, want) => expect(press(key)).toBe(want));

	it('leave alone who types, who presses a button, and the browser', () => {
		expect(press('k', '<input>')).toBeUndefined();
		expect(press('k', '<textarea></textarea>')).toBeUndefined();
		expect(press('k', '<dialog></dialog>')).toBeUndefined();
		expect(press(' ', '<button></button>')).toBeUndefined();
		expect(press('k', '<button></button>')).toBe('toggle');
		expect(press('ArrowLeft', '<div role="slider"></div>')).toBeUndefined();
		expect(press('f', '<p></p>', { ctrlKey: true })).toBeUndefined();
		expect(press('k', '<p></p>', { repeat: true })).toBeUndefined();
		expect(press('l', '<p></p>', { repeat: true })).toBe('forward');
	});
});

describe('habits', () => {
	beforeEach(() => localStorage.clear());
	it('are kept', () => {
		keepPrefs({ rate: 1.25, captions: true, keys: false });
		expect(readPrefs()).toEqual({ rate: 1.25, captions: true, keys: false });
	});
	it.each(['', '{', '[]', '{"rate":99,"captions":"yes"}'])('are as usual where %j was kept', (kept) => {
		localStorage.setItem('fieldreel.player', kept);
		expect(readPrefs()).toEqual({ rate: 1, captions: false, keys: true });
	});
	it('of reviewing are others, but for the single keys', () => {
		expect(readPrefs('review')).toEqual({ rate: 1.25, captions: true, keys: true });
		keepPrefs({ rate: 1.5, captions: false, keys: false }, 'review');
		expect(readPrefs('review')).toEqual({ rate: 1.5, captions: false, keys: false });
		expect(readPrefs()).toEqual({ rate: 1, captions: false, keys: false });
		keepPrefs({ rate: 2, captions: true, keys: true });
		expect(readPrefs('review')).toEqual({ rate: 1.5, captions: false, keys: true });
	});
	it('go up and down the speeds and stop at the ends', () => {
		expect(nextSpeed(1, 1)).toBe(1.25);
		expect(nextSpeed(1, -1)).toBe(0.75);
		expect(nextSpeed(2, 1)).toBe(2);
		expect(nextSpeed(0.75, -1)).toBe(0.75);
	});
});

describe('the strip', () => {
	it('finds the note next to a finger', () => {
		const notes = [1000, 5000, 5600].map((at_ms, i) => ({ id: String(i), at_ms, label: '' }));
		expect(nearest(notes, 5200, 500)?.id).toBe('1');
		expect(nearest(notes, 5400, 500)?.id).toBe('2');
		expect(nearest(notes, 3000, 500)).toBeUndefined();
	});
	it('draws the heat inside its field', () => {
		expect(heatPath([1, 0.5, 2, -1])).toBe('M0 1V0.000H1V0.500H2V0.000H3V1.000H4V1Z');
	});
});
