import { describe, expect, it } from 'vitest';
import {
	type Content,
	contentOf,
	decided,
	empty,
	lackOf,
	levelsOf,
	named,
	newNote,
	nothing,
	openCriteria,
	same,
	shortOf,
	standing,
	toSend,
	withLevel,
	withNote,
	withoutNote,
} from './content.ts';
import { drafted, longest, messageOf } from './message.ts';
import type { Criterion, Draft, Pass } from './types.ts';

const criterion = (id: string, weight: number, ...points: number[]): Criterion => ({
	id,
	name: `Criterion ${id}`,
	description: '',
	weight,
	levels: points.map((one, i) => ({ points: one, name: `L${i + 1}`, description: `does ${i + 1}` })),
});
const rubric = {
	id: 'v1',
	number: 1,
	criteria: [criterion('a', 2, 0, 1, 2), criterion('b', 1, 0, 5, 10), criterion('c', 1, 0, 1)],
};
const total: Pass = { kind: 'total', percent: 75, level: 0 };
const each: Pass = { kind: 'each', percent: 0, level: 2 };
const review = {
	rubric,
	pass: total,
	carried: [] as { criterion_id: string; level: number }[],
	attempt: { person: { id: 'p', name: 'Amara Diallo' } },
} as unknown as Parameters<typeof drafted>[1] & Parameters<typeof lackOf>[1];

describe('the score', () => {
	it('is the weighted mean of shares', () => {
		// (2·½ + 1·½ + 1·1) / 4 = 0.625
		expect(standing(rubric, total, { a: 2, b: 2, c: 2 })).toMatchObject({ score: 62.5, passes: false, missing: [] });
		// (2·1 + 1·½ + 1·½…): a full, b half, c full: (2+0.5+1)/4 = 0.875
		expect(standing(rubric, total, { a: 3, b: 2, c: 2 })).toMatchObject({ score: 87.5, passes: true });
		expect(standing(rubric, total, { a: 3, b: 1, c: 2 })).toMatchObject({ score: 75, passes: true });
	});
	it('is rounded down where it is shown, so that nobody reads a pass that is none', () => {
		const thirds = { criteria: [criterion('x', 1, 0, 2, 3)] };
		expect(standing(thirds, total, { x: 2 }).score).toBe(66.6);
	});
	it('is none while a level is missing or beyond the criterion', () => {
		expect(standing(rubric, total, { a: 3, b: 3 })).toMatchObject({ score: undefined, passes: false });
		expect(standing(rubric, total, { a: 3, b: 3, c: 9 }).missing.map(({ id }) => id)).toEqual(['c']);
	});
	it('asks a level of each, its highest where it has fewer', () => {
		expect(standing(rubric, each, { a: 2, b: 2, c: 2 }).passes).toBe(true);
		expect(standing(rubric, { ...each, level: 3 }, { a: 3, b: 3, c: 2 }).passes).toBe(true);
		const low = standing(rubric, each, { a: 1, b: 3, c: 2 });
		expect([low.passes, low.below.map(({ id }) => id)]).toEqual([false, ['a']]);
	});
});

describe('what a draft says', () => {
	it('is ordered, replaced and taken out', () => {
		let content = withNote(withNote(nothing, newNote('2', 9000.4, 'work')), newNote('1', 4000, 'good', 'a'));
		expect(content.notes.map(({ id, at_ms }) => [id, at_ms])).toEqual([
			['1', 4000],
			['2', 9000],
		]);
		content = withNote(content, { ...newNote('2', 9000, 'work'), text: 'slower' });
		expect(content.notes[1]?.text).toBe('slower');
		expect(withoutNote(content, '1').notes).toHaveLength(1);
	});
	it('knows what says nothing', () => {
		expect(empty(newNote('1', 0, 'note', '  '))).toBe(true);
		expect(empty(newNote('1', 0, 'good'))).toBe(false);
		expect(empty({ ...newNote('1', 0, 'note'), voice: true })).toBe(false);
		expect(empty({ ...newNote('1', 0, 'note'), reply_video_id: 'v' })).toBe(false);
	});
	it('is sent without what says nothing, and marks point at their second', () => {
		const notes = [newNote('1', 1, 'note', ' '), newNote('2', 2, 'good'), { ...newNote('3', 3, 'work'), voice: true }];
		expect(toSend({ ...nothing, notes }, 'Here.').notes.map(({ id, text }) => [id, text])).toEqual([
			['2', 'Here.'],
			['3', ''],
		]);
	});
	it('is the same whatever the order of its parts', () => {
		const a: Content = {
			levels: { a: 1, b: 2 },
			notes: [newNote('1', 1, 'good'), newNote('2', 2, 'work')],
			retry_criteria: ['a', 'b'],
		};
		const b: Content = { levels: { b: 2, a: 1 }, notes: [...a.notes].reverse(), retry_criteria: ['b', 'a'] };
		expect(same(a, b)).toBe(true);
		expect(same(a, withLevel(b, 'a', 2))).toBe(false);
		expect(same(a, { ...b, message: 'x' })).toBe(false);
		expect(same(a, { ...b, decision: 'pass' })).toBe(false);
	});
	it('comes from the server with its message only where somebody wrote one', () => {
		const draft: Draft = { version: 3, levels: { a: 1 }, notes: [], retry_criteria: [], message: '' };
		expect(contentOf(draft)).toEqual({ levels: { a: 1 }, notes: [], retry_criteria: [] });
		expect(contentOf({ ...draft, message: 'Mine', decision: 'fail' })).toMatchObject({
			message: 'Mine',
			decision: 'fail',
		});
	});
	it('keeps what a retry carries over', () => {
		const again = { ...review, carried: [{ criterion_id: 'b', level: 3 }] };
		expect(openCriteria(again).map(({ id }) => id)).toEqual(['a', 'c']);
		expect(levelsOf({ ...nothing, levels: { a: 1, b: 1 } }, again)).toEqual({ a: 1, b: 3 });
	});
});

describe('the decision', () => {
	it('a retry is about what falls short, unless named before', () => {
		expect(shortOf({ ...review, pass: each }, { a: 1, b: 3, c: 1 })).toEqual(['a', 'c']);
		expect(shortOf(review, { a: 2, b: 1, c: 2 })).toEqual(['b']);
		expect(shortOf(review, { a: 3, b: 3, c: 2 })).toEqual([]);
		expect(decided(nothing, 'retry', ['a']).retry_criteria).toEqual(['a']);
		expect(decided(named(nothing, 'c', true), 'retry', ['a']).retry_criteria).toEqual(['c']);
		expect(decided(nothing, 'pass', ['a']).retry_criteria).toEqual([]);
		expect(named(named(nothing, 'c', true), 'c', false).retry_criteria).toEqual([]);
	});
	it('says what is missing, one thing at a time', () => {
		let content: Content = { ...nothing, levels: { a: 2, b: 2 } };
		expect(lackOf(content, review)).toMatchObject({ why: 'levels', criteria: [{ id: 'c' }] });
		content = withLevel(content, 'c', 1);
		expect(lackOf(content, review)).toEqual({ why: 'decision' });
		expect(lackOf(decided(content, 'pass', []), review)).toMatchObject({ why: 'pass', standing: { score: 37.5 } });
		expect(lackOf(decided(content, 'retry', []), review)).toEqual({ why: 'retry' });
		expect(lackOf(decided(content, 'retry', ['a']), review)).toBeUndefined();
		expect(lackOf(decided(content, 'fail', []), review)).toBeUndefined();
		expect(lackOf(content, { ...review, role: 'again' })).toBeUndefined();
		expect(lackOf({ ...nothing, levels: { a: 3, b: 3, c: 2 }, decision: 'pass' }, review)).toBeUndefined();
	});
});

describe('the message', () => {
	const notes = [
		newNote('1', 12_000, 'good', 'You let them\n finish'),
		newNote('2', 61_000, 'work', 'The number came late'),
		newNote('3', 70_000, 'good'),
		newNote('4', 80_000, 'note', ' '),
	];
	it('is drafted from the notes with their seconds', () => {
		const text = drafted({ ...nothing, notes, decision: 'retry', retry_criteria: ['b', 'a'] }, review);
		expect(text).toContain('Amara, please try once more on Criterion a and Criterion b. The rest stands.');
		expect(text).toContain('What was good:\n– 0:12 You let them finish');
		expect(text).toContain('To work on:\n– 1:01 The number came late');
		expect(text).toContain('1 mark in the video says where.');
		expect(text).not.toContain('1:20');
	});
	it('fits, and gives way to own words, also to none', () => {
		const many = Array.from({ length: 50 }, (_, i) => newNote(String(i), i, 'work', 'x'.repeat(200)));
		expect(drafted({ ...nothing, notes: many }, review).length).toBe(longest);
		expect(messageOf({ ...nothing, decision: 'pass' }, review)).toBe('Amara, you passed.');
		expect(messageOf({ ...nothing, decision: 'pass', message: 'Well done' }, review)).toBe('Well done');
		expect(messageOf({ ...nothing, decision: 'pass', message: '' }, review)).toBe('');
	});
});
