import { describe, expect, it } from 'vitest';
import { choicesOf, type Earlier, standsFor } from './mapping.ts';
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

describe('what stands for what', () => {
	const version = (number: number, criteria: Record<string, string>) => ({
		number,
		criteria: Object.entries(criteria).map(([id, continues]) => ({
			id,
			name: id,
			...(continues ? { continues } : {}),
		})),
	});
	it('goes on over several versions, also where one was left out', () => {
		const versions = [
			version(1, { a1: '', b1: '', c1: '' }),
			version(2, { a2: 'a1', d2: '' }),
			version(3, { b3: 'b1', a3: 'a2', e3: 'd2' }),
		];
		expect(Object.fromEntries(standsFor(versions))).toEqual({ a1: 'a3', b1: 'b3' });
	});
	it('is itself where there is one version', () => {
		expect(Object.fromEntries(standsFor([version(1, { a: '' })]))).toEqual({ a: 'a' });
	});
});
