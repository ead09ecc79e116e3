import { expect, it } from 'vitest';
import { choicesOf, type Earlier } from './mapping.ts';
import { monthName, monthsOf } from './trend.ts';

// Version 2 renamed a and dropped b; version 1 had both.
const versions: Earlier[] = [
	{ number: 2, criteria: [{ id: 'a2', name: 'First words', continues: 'a1' }] },
	{
		number: 1,
		criteria: [
			{ id: 'a1', name: 'Opening' },
			{ id: 'b1', name: 'Proof' },
		],
	},
];

it('a criterion may continue the latest of each line, once', () => {
	expect(choicesOf(versions, { x: '', y: '' }, 'x')).toEqual([
		{ value: 'a2', label: 'First words (version 2)' },
		{ value: 'b1', label: 'Proof (version 1)' },
	]);
	expect(choicesOf(versions, { x: '', y: 'a2' }, 'x').map((one) => one.value)).toEqual(['b1']);
	expect(choicesOf(versions, { x: '', y: 'a2' }, 'y').map((one) => one.value)).toEqual(['a2', 'b1']);
});

it('what it continues now stays among the choices, however old', () => {
	expect(choicesOf(versions, { x: 'a1' }, 'x').map((one) => one.value)).toEqual(['a2', 'a1', 'b1']);
});

it('months stand once, oldest first, by their names', () => {
	const lines = [{ points: [{ month: '2026-11' }, { month: '2026-02' }] }, { points: [{ month: '2026-11' }] }];
	expect(monthsOf(lines)).toEqual(['2026-02', '2026-11']);
	expect(monthName('2026-02')).toBe('Feb 2026');
});
