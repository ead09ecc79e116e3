import { beforeEach, describe, expect, it } from 'vitest';
import type { Playback } from '../../player/playback.svelte.ts';
import { Draft } from './draft.svelte.ts';
import { labelOf, type Notes, withLabel } from './notes.svelte.ts';
import { opening } from './opening.ts';

/** A player that stands at a second and can be paused. */
function stage(at = 12_000, paused = false) {
	const playback = {
		paused,
		now: () => at,
		pause() {
			playback.paused = true;
		},
		play() {
			playback.paused = false;
			return Promise.resolve();
		},
	};
	const sent: unknown[][] = [];
	const server = { up: true };
	const notes = {
		async write(...note: unknown[]) {
			sent.push(note);
			if (!server.up) throw new Error('no answer');
		},
	};
	return {
		playback,
		sent,
		server,
		notes: notes as unknown as Notes,
		draft: new Draft('v', playback as unknown as Playback),
		move: (to: number) => {
			at = to;
		},
		reload: () => new Draft('v', playback as unknown as Playback),
	};
}

beforeEach(() => localStorage.clear());

describe('the note that is being written', () => {
	it('pauses at the first letter, keeps that second, and plays on when it was sent', async () => {
		const s = stage();
		s.draft.text = 'W';
		s.draft.typed();
		expect(s.playback.paused).toBe(true);
		s.move(15_000);
		s.draft.text = 'Why?';
		s.draft.typed();
		await s.draft.send(s.notes);
		expect(s.sent).toEqual([[expect.any(String), 12_000, 'Why?']]);
		expect(s.playback.paused).toBe(false);
		expect([s.draft.text, s.draft.at_ms]).toEqual(['', undefined]);
	});
	it('does not begin to play what was paused before', async () => {
		const s = stage(12_000, true);
		s.draft.begin('good');
		s.draft.text += 'calm';
		s.draft.typed();
		await s.draft.send(s.notes);
		expect(s.sent[0]?.[2]).toBe('Good: calm');
		expect(s.playback.paused).toBe(true);
	});
	it('forgets the second when everything is taken out again', () => {
		const s = stage();
		s.draft.text = 'x';
		s.draft.typed();
		s.draft.text = '';
		s.draft.typed();
		expect(s.draft.at_ms).toBeUndefined();
	});
	it('goes on when one leaves, and keeps what was written', () => {
		const s = stage();
		s.draft.text = 'half';
		s.draft.typed();
		s.draft.leave();
		expect(s.playback.paused).toBe(false);
		expect(s.draft.text).toBe('half');
	});
	it('survives a reload with its second, and is gone once sent', async () => {
		const s = stage();
		s.draft.text = 'half';
		s.draft.typed();
		s.move(0);
		const again = s.reload();
		expect([again.text, again.at_ms]).toEqual(['half', 12_000]);
		await again.send(s.notes);
		expect(s.reload().text).toBe('');
	});
	it('stays where it did not arrive, and is the same note when it is sent again', async () => {
		const s = stage();
		s.draft.text = 'x';
		s.draft.typed();
		s.server.up = false;
		await expect(s.draft.send(s.notes)).rejects.toThrow();
		expect(s.draft.text).toBe('x');
		s.server.up = true;
		await s.draft.send(s.notes);
		expect(s.sent[0]?.[0]).toBe(s.sent[1]?.[0]);
	});
	it.each(['', '{', '{"text":1,"at_ms":2,"id":"x"}'])('begins empty where %j was kept', (kept) => {
		localStorage.setItem('fieldreel.note.v', kept);
		expect(stage().draft.text).toBe('');
	});
});

it.each([
	['Good: calm', 'good', 'calm'],
	['Good', 'good', ''],
	['Good grief', undefined, 'Good grief'],
	['Work on this: pace', 'work', 'pace'],
	['', undefined, ''],
])('%j has the label %s before %j', (text, label, rest) => expect(labelOf(text)).toEqual({ label, rest }));

it('puts one label in place of another', () => {
	expect(withLabel('Good: calm', 'question')).toBe('Question: calm');
	expect(withLabel('calm', 'good')).toBe('Good: calm');
});

describe('how a video begins', () => {
	const begin = (search: string, resume_ms = 0) =>
		opening((name) => new URLSearchParams(search).get(name) ?? '', { duration_ms: 60_000, progress: { resume_ms } });
	it.each([
		['t=5000&end=9000', 0, { start_ms: 5000, end_ms: 9000, resumed: 0, autoplay: true }],
		['t=5000', 30_000, { start_ms: 5000, end_ms: undefined, resumed: 0, autoplay: true }],
		['t=5000&end=4000', 0, { start_ms: 5000, end_ms: undefined, resumed: 0, autoplay: true }],
		['t=5000&end=60000', 0, { start_ms: 5000, end_ms: undefined, resumed: 0, autoplay: true }],
		['t=99999999', 0, { start_ms: 0, end_ms: undefined, resumed: 0, autoplay: false }],
		['t=-5&end=x', 20_000, { start_ms: 20_000, end_ms: undefined, resumed: 20_000, autoplay: false }],
		['queue=team', 0, { start_ms: 0, end_ms: undefined, resumed: 0, autoplay: true }],
		['note=n', 20_000, { start_ms: 0, end_ms: undefined, resumed: 0, autoplay: false }],
	])('?%s after %i ms', (search, resume, want) => expect(begin(search, resume)).toEqual(want));
});
