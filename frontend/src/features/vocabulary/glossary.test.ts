import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { check, type Entry, entriesOf, key, merge, parse, textOf } from './glossary.ts';

it.each([
	['MEDDIC', 'meddic'],
	[' Cost-of  delay! ', 'cost-of-delay'],
	["don't", 'dont'],
	['don\u2019t', 'dont'],
	['Übergabe № 2', 'übergabe-no-2'],
	['…', ''],
])('%j is compared as %j', (text, want) => expect(key(text)).toBe(want));

const pairs = (...entries: [string, string][]) => entries.map(([heard, written], id) => ({ id, heard, written }));

describe('what is wrong with pairs', () => {
	it('is nothing with good ones, and with one that is not begun', () => {
		expect(check(pairs(['medic', 'MEDDIC'], ['', ''], ['north wind', 'Northwind']))).toEqual(new Map());
	});
	it.each([
		['', 'MEDDIC', { heard: en.needed }],
		['medic', ' ', { written: en.needed }],
		['!!', 'x', { heard: en.noLetter }],
		['a b c d e f g h i', 'x', { heard: en.tooLong }],
		['x', 'y'.repeat(121), { written: en.tooLong }],
		['a-b-c-d-e-f-g-h-i', 'x', { heard: en.tooLong }],
		['x', 'ü'.repeat(101), { written: en.tooLong }],
	])('%j = %j', (heard, written, want) => expect(check(pairs([heard, written])).get(0)).toEqual(want));
	it('is a phrase that stands twice, however it is written', () => {
		const wrong = check(pairs(['north wind', 'Northwind'], ['a', 'b'], ['North-Wind!', 'x']));
		expect([...wrong.keys()]).toEqual([2]);
		expect(wrong.get(2)?.heard).toBe(en.twice(1));
	});
});

describe('as text', () => {
	it('goes out and comes back the same', () => {
		const entries = [
			{ heard: 'medic', written: 'MEDDIC' },
			{ heard: 'a b', written: 'A = B' },
		];
		expect(parse(textOf(entries))).toEqual({ entries, unread: [] });
	});
	it('takes what spreadsheets paste, empty lines, and says which lines are none', () => {
		expect(parse('medic\tMEDDIC\r\n\r\nnorth wind =  Northwind \nno sign\n')).toEqual({
			entries: [
				{ heard: 'medic', written: 'MEDDIC' },
				{ heard: 'north wind', written: 'Northwind' },
			],
			unread: [4],
		});
	});
	it('is sent tidied, without what is not begun', () => {
		expect(
			entriesOf([
				{ heard: ' a  b ', written: 'AB' },
				{ heard: ' ', written: '' },
			]),
		).toEqual([{ heard: 'a b', written: 'AB' }]);
	});
});

describe('two edits of the same glossary', () => {
	const e = (heard: string, written: string): Entry => ({ heard, written });
	const base = [e('a', 'A'), e('b', 'B'), e('c', 'C')];

	it('are joined where they do not touch', () => {
		const mine = [e('a', 'A!'), e('b', 'B'), e('c', 'C'), e('m', 'M')];
		const theirs = [e('a', 'A'), e('b', 'B?'), e('t', 'T')];
		expect(merge(base, mine, theirs)).toEqual({
			entries: [e('a', 'A!'), e('b', 'B?'), e('m', 'M'), e('t', 'T')],
			taken: 3,
			conflicts: [],
		});
	});
	it('are nothing new where both did the same, or they did nothing', () => {
		expect(merge(base, [...base, e('d', 'D')], base)).toEqual({
			entries: [...base, e('d', 'D')],
			taken: 0,
			conflicts: [],
		});
		const same = [e('a', 'A2'), e('b', 'B')];
		expect(merge(base, same, same)).toEqual({ entries: same, taken: 0, conflicts: [] });
	});
	it('leave to a person what both changed, and keep mine until then', () => {
		const got = merge(base, [e('a', 'mine'), e('b', 'B')], [e('a', 'theirs'), e('b', 'B'), e('c', 'C2')]);
		expect(got.entries).toEqual([e('a', 'mine'), e('b', 'B')]);
		expect(got.conflicts).toEqual([
			{ heard: 'a', mine: 'mine', theirs: 'theirs' },
			{ heard: 'c', mine: undefined, theirs: 'C2' },
		]);
	});
	it('see a removal of theirs against a change of mine', () => {
		const got = merge(base, [e('a', 'mine'), e('b', 'B'), e('c', 'C')], [e('b', 'B'), e('c', 'C')]);
		expect(got.conflicts).toEqual([{ heard: 'a', mine: 'mine', theirs: undefined }]);
	});
});
