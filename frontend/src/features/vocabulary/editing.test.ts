import { describe, expect, it } from 'vitest';
import { noAnswer, Problem } from '../../api/problem.ts';
import { Editing } from './editing.svelte.ts';
import { type Entry, entriesOf } from './glossary.ts';

const e = (heard: string, written: string): Entry => ({ heard, written });

/** A server that keeps a glossary; `fail` makes the next call fail. */
function server(entries: Entry[]) {
	const state = { entries, puts: 0, fail: undefined as Problem | undefined };
	const once = () => {
		const { fail } = state;
		state.fail = undefined;
		if (fail) throw fail;
	};
	return {
		state,
		load: async () => {
			once();
			return state.entries;
		},
		put: async (next: Entry[]) => {
			once();
			state.puts++;
			state.entries = next;
			return next;
		},
	};
}
function begun(...entries: Entry[]) {
	const source = server(entries);
	const editing = new Editing(source);
	editing.begin(entries);
	return { editing, source };
}
const first = (editing: Editing) => {
	const [pair] = editing.pairs;
	if (!pair) throw new Error('no pair');
	return pair;
};

describe('editing the glossary', () => {
	it('saves what was changed, once', async () => {
		const { editing, source } = begun(e('a', 'A'));
		expect(editing.dirty).toBe(false);
		first(editing).written = 'A!';
		expect(editing.dirty).toBe(true);
		expect(await editing.save()).toBe(true);
		expect(source.state.entries).toEqual([e('a', 'A!')]);
		expect(editing.dirty).toBe(false);
	});

	it('does not save while something is wrong, and not an empty pair', async () => {
		const { editing, source } = begun(e('a', 'A'));
		editing.add();
		first(editing).heard = 'A';
		expect(editing.wrong.size).toBe(2); // nothing written, and heard twice
		expect(await editing.save()).toBe(false);
		first(editing).heard = '';
		expect(await editing.save()).toBe(true);
		expect(source.state.entries).toEqual([e('a', 'A')]);
	});

	it('takes in what somebody else changed, and saves when it was seen', async () => {
		const { editing, source } = begun(e('a', 'A'), e('b', 'B'));
		first(editing).written = 'mine';
		source.state.entries = [e('a', 'A'), e('b', 'theirs')];
		expect(await editing.save()).toBe(false);
		expect([editing.taken, editing.conflicts.length, source.state.puts]).toEqual([1, 0, 0]);
		expect(await editing.save()).toBe(true);
		expect(source.state.entries).toEqual([e('a', 'mine'), e('b', 'theirs')]);
	});

	it.each([
		['theirs' as const, [e('a', 'theirs')]],
		['mine' as const, [e('a', 'mine')]],
	])('asks where both changed the same; %s is taken', async (side, want) => {
		const { editing, source } = begun(e('a', 'A'));
		first(editing).written = 'mine';
		source.state.entries = [e('a', 'theirs')];
		expect(await editing.save()).toBe(false);
		const [conflict] = editing.conflicts;
		if (!conflict) throw new Error('no conflict');
		expect(await editing.save()).toBe(false); // not before it is settled
		editing.choose(conflict, conflict[side]);
		expect(await editing.save()).toBe(true);
		expect(source.state.entries).toEqual(want);
	});

	it('can take a pair out as they did', async () => {
		const { editing, source } = begun(e('a', 'A'), e('b', 'B'));
		first(editing).written = 'mine';
		source.state.entries = [e('b', 'B')];
		await editing.save();
		const [conflict] = editing.conflicts;
		if (!conflict) throw new Error('no conflict');
		editing.choose(conflict, conflict.theirs);
		expect(await editing.save()).toBe(true);
		expect(source.state.entries).toEqual([e('b', 'B')]);
	});

	it('keeps everything when the network goes', async () => {
		const { editing, source } = begun(e('a', 'A'));
		first(editing).written = 'mine';
		source.state.fail = noAnswer();
		expect(await editing.save()).toBe(false);
		expect(editing.problem?.offline).toBe(true);
		expect(entriesOf(editing.pairs)).toEqual([e('a', 'mine')]);
		expect(await editing.save()).toBe(true);
	});

	it('shows at its pair what the server refuses', async () => {
		const source = server([e('a', 'A'), e('b', 'B')]);
		const refuse = new Problem(422, 'text_invalid', 'Not this.', { 'entries[1].written': 'Not this.' });
		const editing = new Editing({ load: source.load, put: () => Promise.reject(refuse) });
		editing.begin(source.state.entries);
		editing.add(); // empty, and not sent: the server counts without it
		expect(await editing.save()).toBe(false);
		expect(editing.wrong.get(editing.pairs[2]?.id ?? -1)).toEqual({ written: 'Not this.' });
	});

	it('takes all changes back', () => {
		const { editing } = begun(e('a', 'A'));
		first(editing).written = 'x';
		editing.add();
		editing.discard();
		expect(editing.dirty).toBe(false);
		expect(editing.pairs).toHaveLength(1);
	});
});
