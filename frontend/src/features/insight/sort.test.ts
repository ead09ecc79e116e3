import { describe, expect, it } from 'vitest';
import { orderOf, orderText, pressed, sorted } from './sort.ts';

const rows = [
	{ name: 'a', saw: 9, shared: 1, saved: 2, used: 4, used_rate: 0.44 },
	{ name: 'b', saw: 4, shared: 3, saved: 2, used: 3 },
	{ name: 'c', saw: 12, shared: 1, saved: 0, used: 3, used_rate: 0.25 },
];
const names = (order: string) =>
	sorted(rows, orderOf(order))
		.map((row) => row.name)
		.join('');

describe('order of a table', () => {
	it.each([
		['', 'abc'],
		['used', 'abc'],
		['used.up', 'bca'],
		['saw', 'cab'],
		['saw.up', 'bac'],
		['shared', 'bac'],
		['used_rate', 'acb'],
		['used_rate.up', 'cab'],
		['nonsense', 'abc'],
		['nonsense.up', 'abc'],
	])('%j', (order, want) => expect(names(order)).toBe(want));

	it('goes most first, then least first, and through the address unchanged', () => {
		const first = pressed(orderOf(''), 'saw');
		expect(orderText(first)).toBe('saw');
		expect(orderText(pressed(first, 'saw'))).toBe('saw.up');
		expect(orderText(pressed(orderOf(''), 'used'))).toBe('used.up');
		expect(orderText(pressed(orderOf('used.up'), 'used'))).toBe('');
		for (const text of ['', 'saw', 'saw.up', 'used_rate.up']) expect(orderText(orderOf(text))).toBe(text);
	});
});
