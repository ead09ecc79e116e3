import { beforeEach, describe, expect, it } from 'vitest';
import { Problem } from '../../../api/problem.ts';
import type { CriterionBody, CriterionKept } from './draft.ts';
import { type Base, Editing, type Save } from './editing.svelte.ts';
import { keptOf } from './kept.ts';

const kept = (id: string, name: string): CriterionKept => ({
	id,
	name,
	description: '',
	weight: 1,
	levels: [
		{ name: 'No', points: 0, description: 'Not seen.' },
		{ name: 'Yes', points: 1, description: 'Seen.' },
	],
});
const base: Base = { number: 2, criteria: [kept('a', 'Opening'), kept('b', 'Proof')] };

/** A server that keeps version after version. */
function server(): { save: Save; sent: { name: string; criteria: CriterionBody[]; base: number }[] } {
	const sent: { name: string; criteria: CriterionBody[]; base: number }[] = [];
	return {
		sent,
		save: async (name, criteria, number) => {
			sent.push({ name, criteria, base: number });
			return { number: number + 1, criteria: criteria.map((one, i) => ({ ...one, id: `n${i}` })) };
		},
	};
}
function editing(save: Save = server().save): Editing {
	const made = new Editing('r', save);
	made.begin('Pitch', base);
	return made;
}

beforeEach(() => localStorage.clear());

describe('editing a rubric', () => {
	it('saves on the version it began with, and goes on from the next', async () => {
		const { save, sent } = server();
		const one = editing(save);
		const [opening] = one.criteria;
		if (!opening) throw new Error('no criterion');
		expect(one.changed).toBe(false);
		opening.name = 'First words';
		expect(one.changed).toBe(true);
		expect(await one.save()).toBe(true);
		expect(sent).toMatchObject([{ name: 'Pitch', base: 2, criteria: [{ name: 'First words', continues: 'a' }, {}] }]);
		expect(one.changed).toBe(false);
		expect(one.base.number).toBe(3);
		expect(one.criteria[0]?.continues).toBe('n0');
	});

	it('sends nothing that is incomplete, and opens where it is', async () => {
		const { save, sent } = server();
		const one = editing(save);
		const key = one.add();
		one.toggle(key, false);
		expect(await one.save()).toBe(false);
		expect(sent).toEqual([]);
		expect(one.open.has(key)).toBe(true);
		expect(one.wrong.get('criteria[2].name')).toBe('Say what is looked at.');
	});

	it('puts what was taken out back into its place', () => {
		const one = editing();
		const back = one.drop(one.criteria[0]?.key ?? 0);
		expect(one.criteria.map(({ name }) => name)).toEqual(['Proof']);
		back();
		expect(one.criteria.map(({ name }) => name)).toEqual(['Opening', 'Proof']);
		one.move(1, 0);
		expect(one.criteria.map(({ name }) => name)).toEqual(['Proof', 'Opening']);
	});

	it('takes all back, and that back again', () => {
		const one = editing();
		one.name = 'Demo';
		one.move(1, 0);
		const again = one.discard();
		expect(one.name).toBe('Pitch');
		expect(one.changed).toBe(false);
		again();
		expect(one.name).toBe('Demo');
		expect(one.criteria[0]?.name).toBe('Proof');
	});

	it('what the begun criteria were is not changed by typing into a discarded draft', () => {
		const one = editing();
		one.discard();
		const [first] = one.criteria;
		if (!first?.levels[0]) throw new Error('no level');
		first.levels[0].name = 'Otherwise';
		expect(one.changed).toBe(true);
		one.discard();
		expect(one.criteria[0]?.levels[0]?.name).toBe('No');
	});
});

describe('what is not saved', () => {
	it('is there again in the next tab, and gone once it is saved or taken back', async () => {
		const first = editing();
		first.name = 'Pitch 2';
		first.keep(1000);
		const second = editing();
		expect(second.found).toMatchObject({ base: 2, at: 1000 });
		expect(second.name).toBe('Pitch 2');
		expect(second.criteria.map((one) => one.continues)).toEqual(['a', 'b']);
		expect(second.overtaken).toBe(false);
		expect(await second.save()).toBe(true);
		expect(keptOf('r')).toBeUndefined();
		first.keep(2000);
		expect(keptOf('r')).toBeDefined();
		first.discard();
		expect(keptOf('r')).toBeUndefined();
	});
	it('is kept only while it is other than what is saved', () => {
		const one = editing();
		one.name = 'Other';
		one.keep(1);
		one.name = 'Pitch';
		one.keep(2);
		expect(keptOf('r')).toBeUndefined();
	});
	it('says when a version has come meanwhile', () => {
		const first = editing();
		first.name = 'Pitch 2';
		first.keep(1);
		const second = new Editing('r', server().save);
		second.begin('Pitch', { ...base, number: 3 });
		expect(second.overtaken).toBe(true);
		expect([second.writtenOn, second.base.number]).toEqual([2, 3]);
	});
});

it('what somebody else saved meanwhile is not written over, but can be built on', async () => {
	const { save, sent } = server();
	let number = 3;
	const one = editing((name, criteria, on) => {
		if (on !== number)
			return Promise.reject(
				new Problem(409, 'rubric_changed', 'Somebody saved version 3.', { base: 'Not the newest.' }),
			);
		number++;
		return save(name, criteria, on);
	});
	one.move(1, 0);
	expect(await one.save()).toBe(false);
	expect(one.overtaken).toBe(true);
	expect(one.wrong.size).toBe(0);
	expect(one.criteria[0]?.name).toBe('Proof');
	const theirs = base.criteria.map((criterion) => ({ ...criterion, id: `${criterion.id}3`, weight: 9 }));
	one.rebase('Pitch, theirs', { number: 3, criteria: theirs }, new Map([['a', 'a3']]));
	expect(one.name).toBe('Pitch, theirs');
	expect(one.criteria.map(({ continues }) => continues)).toEqual(['b', 'a3']);
	expect(one.changedCriteria).toBe(true);
	expect(await one.save()).toBe(true);
	expect(sent).toMatchObject([{ base: 3 }]);
});

it('what one takes back after that is what they have saved', () => {
	const one = editing();
	one.name = 'Mine';
	one.move(1, 0);
	const theirs = base.criteria.map((criterion) => ({ ...criterion, name: `${criterion.name}, theirs` }));
	one.rebase('Pitch', { number: 3, criteria: theirs }, new Map());
	expect(one.name).toBe('Mine');
	one.discard();
	expect([one.name, ...one.criteria.map(({ name }) => name)]).toEqual(['Pitch', 'Opening, theirs', 'Proof, theirs']);
	expect(one.changed).toBe(false);
});

it('what the server refuses stands at its field until one types on', async () => {
	const one = editing(() =>
		Promise.reject(new Problem(422, 'name_taken', 'Taken.', { 'criteria[1].name': 'Not this one.' })),
	);
	one.name = 'Other';
	expect(await one.save()).toBe(false);
	expect(one.wrong.get('criteria[1].name')).toBe('Not this one.');
	expect(one.open.has(one.criteria[1]?.key ?? 0)).toBe(true);
	one.keep(1);
	expect(one.wrong.size).toBe(0);
});
