import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { noAnswer, Problem } from '../../api/problem.ts';
import { bodyOf } from './calls.ts';
import { type Content, newNote, nothing, withLevel, withNote } from './content.ts';
import { Keeper, type Save } from './keeper.svelte.ts';
import { Shelf } from './kept.ts';
import type { Draft } from './types.ts';

const draft = (version: number, more: Partial<Draft> = {}): Draft => ({
	version,
	levels: {},
	notes: [],
	retry_criteria: [],
	message: '',
	...more,
});

/** A server that keeps one draft, as the real one does. */
class Server {
	draft = draft(0);
	down = false;
	calls = 0;
	save: Save = async (content, base) => {
		this.calls++;
		if (this.down) throw noAnswer();
		if (base !== this.draft.version)
			throw new Problem(409, 'draft_changed', 'It was changed elsewhere.', {}, '', { draft: this.draft });
		this.draft = { ...bodyOf(content), version: base + 1 };
		return { version: this.draft.version };
	};
}
let server: Server;
let shelf: Shelf;
const open = () => new Keeper(server.draft, shelf, (...args) => server.save(...args));
const level = (content: Content, n: number) => withLevel(content, 'a', n);

beforeEach(() => {
	vi.useFakeTimers();
	localStorage.clear();
	server = new Server();
	shelf = new Shelf('me', 'r1');
});
afterEach(() => {
	vi.useRealTimers();
});

describe('a draft', () => {
	it('is on the device at once and on the server when the hand rests, once', async () => {
		const keeper = open();
		keeper.change(level(nothing, 1));
		keeper.change(level(nothing, 2));
		expect(shelf.read()?.content.levels).toEqual({ a: 2 });
		expect([keeper.standing, server.calls]).toEqual(['here', 0]);
		await vi.advanceTimersByTimeAsync(1000);
		expect([keeper.standing, server.calls, server.draft.levels]).toEqual(['saved', 1, { a: 2 }]);
		expect(shelf.read()).toBeUndefined();
	});

	it('survives a closed tab', () => {
		open().change(level(nothing, 3)); // the tab dies before the server is told
		const next = open();
		expect(next.content.levels).toEqual({ a: 3 });
		expect(next.standing).toBe('here');
	});

	it('survives a closed tab without a network, and arrives when there is one', async () => {
		server.down = true;
		const first = open();
		first.change(withNote(nothing, newNote('n', 4000, 'good', 'half a no')));
		await vi.advanceTimersByTimeAsync(60_000);
		expect(first.standing).toBe('here');
		await first.hold(); // gone
		const next = open();
		await vi.advanceTimersByTimeAsync(10);
		expect(next.standing).toBe('here');
		server.down = false;
		await next.flush();
		expect([next.standing, server.draft.notes[0]?.text]).toEqual(['saved', 'half a no']);
	});

	it('tries again by itself', async () => {
		server.down = true;
		const keeper = open();
		keeper.change(level(nothing, 1));
		await vi.advanceTimersByTimeAsync(1000);
		server.down = false;
		await vi.advanceTimersByTimeAsync(8000);
		expect(keeper.standing).toBe('saved');
	});

	it('saves what was written while it was saved, on the new version', async () => {
		const keeper = open();
		let answer: () => void = () => undefined;
		const real = server.save;
		server.save = async (...args) => {
			await new Promise<void>((resolve) => {
				answer = resolve;
			});
			return real(...args);
		};
		keeper.change(level(nothing, 1));
		await vi.advanceTimersByTimeAsync(1000);
		keeper.change(level(nothing, 2));
		server.save = real;
		answer();
		await vi.advanceTimersByTimeAsync(2000);
		expect([keeper.standing, server.draft.levels, server.draft.version]).toEqual(['saved', { a: 2 }, 2]);
	});

	it('of two devices is shown as both, and one is chosen', async () => {
		const [here, there] = [open(), open()];
		there.change(level(nothing, 4));
		await there.flush();
		here.change(level(nothing, 1));
		await here.flush();
		expect([here.standing, here.other?.levels, here.content.levels]).toEqual(['conflict', { a: 4 }, { a: 1 }]);
		here.change(level(nothing, 2)); // one may go on writing; nothing is sent meanwhile
		await vi.advanceTimersByTimeAsync(20_000);
		expect(server.draft.levels).toEqual({ a: 4 });
		here.choose('mine');
		await here.flush();
		expect([here.standing, server.draft.levels]).toEqual(['saved', { a: 2 }]);
		there.change(level(nothing, 3));
		await there.flush();
		there.choose('theirs');
		expect([there.standing, there.content.levels]).toEqual(['saved', { a: 2 }]);
		expect(shelf.read()).toBeUndefined();
		there.undo();
		expect(there.content.levels).toEqual({ a: 3 });
	});

	it('kept here and changed elsewhere since is such a choice, too', () => {
		open().change(level(nothing, 1));
		server.draft = draft(7, { levels: { a: 5 } });
		const keeper = open();
		expect([keeper.standing, keeper.other?.version]).toEqual(['conflict', 7]);
	});

	it('is no conflict where both say the same: the answer was lost, not the draft', async () => {
		const keeper = open();
		server.draft = draft(1, { levels: { a: 2 } });
		keeper.change(level(nothing, 2));
		await keeper.flush();
		expect([keeper.standing, keeper.version, keeper.other]).toEqual(['saved', 1, undefined]);
	});

	it('is no conflict either where more was written since, in this visit or the next', async () => {
		const lossy = () => {
			const real = server.save;
			server.save = async (...args) => {
				await real(...args);
				server.save = real;
				throw noAnswer(); // it was kept, but the answer never came
			};
		};
		lossy();
		const keeper = open();
		keeper.change(level(nothing, 1));
		await keeper.flush();
		keeper.change(level(nothing, 2));
		await keeper.flush(); // refused, with what we had told it before
		await vi.advanceTimersByTimeAsync(1000);
		expect([keeper.standing, server.draft.levels]).toEqual(['saved', { a: 2 }]);
		lossy();
		keeper.change(level(nothing, 3));
		await keeper.flush();
		keeper.change(level(nothing, 4));
		await keeper.hold(); // the tab is closed
		const next = open();
		expect([next.standing, next.content.levels]).toEqual(['here', { a: 4 }]);
		await next.flush();
		expect([next.standing, server.draft.levels]).toEqual(['saved', { a: 4 }]);
	});

	it('is no conflict where an earlier visit told the server something that arrived only now', async () => {
		const first = open();
		first.change(level(nothing, 1));
		const real = server.save;
		server.save = () => new Promise(() => undefined); // on its way, and the tab is closed meanwhile
		void first.flush();
		first.change(level(nothing, 2));
		const next = open();
		server.save = real;
		await server.save(level(nothing, 1), 0, false, new AbortController().signal); // now it arrives
		await vi.advanceTimersByTimeAsync(1000);
		expect([next.standing, next.other, server.draft.levels]).toEqual(['saved', undefined, { a: 2 }]);
	});

	it('is told again where no answer comes, and no error either', async () => {
		const keeper = open();
		const real = server.save;
		server.save = (_content, _base, _keepalive, late) =>
			new Promise((_resolve, reject) => {
				late.addEventListener('abort', () => reject(late.reason));
			});
		keeper.change(level(nothing, 1));
		await vi.advanceTimersByTimeAsync(10_000);
		expect(keeper.standing).toBe('saving');
		await vi.advanceTimersByTimeAsync(10_000);
		expect([keeper.standing, keeper.away]).toEqual(['here', true]);
		server.save = real;
		await vi.advanceTimersByTimeAsync(8_000);
		expect([keeper.standing, keeper.away, server.draft.levels]).toEqual(['saved', false, { a: 1 }]);
	});

	it('is not sent twice at once when the tab is hidden in the middle of a save', async () => {
		let answer: () => void = () => undefined;
		const real = server.save;
		server.save = async (...args) => {
			await new Promise<void>((resolve) => {
				answer = resolve;
			});
			return real(...args);
		};
		const keeper = open();
		keeper.change(level(nothing, 1));
		const saving = keeper.flush();
		keeper.change(level(nothing, 2));
		await keeper.flush(true);
		server.save = real;
		answer();
		await saving;
		await vi.advanceTimersByTimeAsync(1000);
		expect([keeper.standing, keeper.other, server.draft.levels]).toEqual(['saved', undefined, { a: 2 }]);
	});

	it('stays here where the server refuses it, and says why', async () => {
		const keeper = open();
		server.save = async () => {
			throw new Problem(409, 'review_sent', 'It was sent already.');
		};
		keeper.change(level(nothing, 1));
		await keeper.flush();
		expect([keeper.standing, keeper.problem?.code]).toEqual(['refused', 'review_sent']);
		expect(shelf.read()?.content.levels).toEqual({ a: 1 });
	});

	it('goes back step by step, the letters of a note as one', () => {
		const keeper = open();
		keeper.change(level(nothing, 1));
		const note = newNote('n', 0, 'note');
		for (const text of ['N', 'No', 'Not']) keeper.change(withNote(keeper.content, { ...note, text }), 'n');
		expect(keeper.content.notes[0]?.text).toBe('Not');
		expect(keeper.undo()).toBe(true);
		expect([keeper.content.notes.length, keeper.content.levels]).toEqual([0, { a: 1 }]);
		expect(keeper.undo()).toBe(true);
		expect(keeper.content.levels).toEqual({});
		expect(keeper.undo()).toBe(false);
	});

	it('is forgotten when it was sent, and kept when it was not', async () => {
		const keeper = open();
		keeper.change(level(nothing, 1));
		await keeper.hold();
		await vi.advanceTimersByTimeAsync(20_000);
		expect(server.calls).toBe(0);
		keeper.release();
		await vi.advanceTimersByTimeAsync(20_000);
		expect(server.calls).toBe(1);
		keeper.change(level(nothing, 2));
		keeper.forget();
		expect(shelf.read()).toBeUndefined();
		await vi.advanceTimersByTimeAsync(20_000);
		expect(server.calls).toBe(1);
	});

	it.each([
		'',
		'{',
		'null',
		'{"version":1}',
		'{"version":1,"content":{"levels":{"a":"x"},"notes":[],"retry_criteria":[]}}',
	])('is as the server has it where %j was kept', (text) => {
		localStorage.setItem('fieldreel.review.me.r1', text);
		expect([open().standing, open().content]).toEqual(['saved', nothing]);
	});

	it('of somebody else who signed in here before is not touched', () => {
		new Shelf('them', 'r1').write({ version: 0, content: level(nothing, 1), at: '' });
		expect(open().content).toEqual(nothing);
	});
});
