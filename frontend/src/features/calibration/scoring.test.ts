import { expect, test } from 'vitest';
import { give, levels, missing, move, onKey, type Press, type Scoring } from './scoring.ts';
import type { Criterion } from './types.ts';

const criterion = (id: string, n: number): Criterion => ({
	id,
	name: id,
	description: '',
	weight: 1,
	levels: Array.from({ length: n }, (_, i) => ({ points: i, name: `${i}`, description: '' })),
});
const criteria = [criterion('a', 5), criterion('b', 2), criterion('c', 5)];
const begun: Scoring = { levels: {}, at: 0 };
const press = (key: string, rest: Partial<Press> = {}): Press => ({
	key,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	repeat: false,
	defaultPrevented: false,
	...rest,
});

test('a level moves on to the next criterion without one, round the end', () => {
	let now = give(criteria, begun, 5);
	expect(now).toEqual({ levels: { a: 5 }, at: 1 });
	now = give(criteria, { ...now, at: 2 }, 3);
	expect(now).toEqual({ levels: { a: 5, c: 3 }, at: 1 });
	now = give(criteria, now, 2);
	expect(now).toEqual({ levels: { a: 5, b: 2, c: 3 }, at: 1 });
	expect(missing(criteria, now.levels)).toBe(0);
	expect(give(criteria, now, 1).levels).toEqual({ a: 5, b: 1, c: 3 });
});

test('a level that the criterion does not have changes nothing', () => {
	const at = { levels: { a: 1 }, at: 1 };
	for (const level of [0, 3, 9]) expect(give(criteria, at, level)).toEqual(at);
	expect(missing(criteria, at.levels)).toBe(2);
});

test('moving stops at the ends', () => {
	expect(move(criteria, begun, -1).at).toBe(0);
	expect(move(criteria, { ...begun, at: 2 }, 1).at).toBe(2);
	expect(move(criteria, begun, 1).at).toBe(1);
});

test('keys belong to what has them', () => {
	const input = document.createElement('input');
	const button = document.createElement('button');
	expect(onKey(criteria, begun, press('4'), button)?.levels).toEqual({ a: 4 });
	expect(onKey(criteria, begun, press('ArrowDown'), null)?.at).toBe(1);
	for (const [one, target] of [
		[press('4'), input],
		[press('4', { ctrlKey: true }), null],
		[press('4', { repeat: true }), null],
		[press('4', { defaultPrevented: true }), null],
		[press('6'), null],
		[press(' '), null],
		[press('x'), null],
	] as const)
		expect(onKey(criteria, begun, one, target)).toBeUndefined();
});

test('differences have one decimal at most', () => {
	expect([2, -0.5, 1.5, 0.3333].map(levels)).toEqual(['2', '0.5', '1.5', '0.3']);
});
