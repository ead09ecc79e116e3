import { describe, expect, it } from 'vitest';
import { changesOf, reordered } from './changes.ts';
import {
	advice,
	bodyOf,
	type CriterionKept,
	check,
	copyOf,
	draftOf,
	freshCriterion,
	levelAdded,
	sameCriteria,
	weightShares,
	whole,
	wrongBelow,
} from './draft.ts';
import { moved, placeAt, placeByKey } from './reorder.ts';
import { starter } from './starter.ts';

const level = (name: string, points: number) => ({ name, points, description: `${name} is seen.` });
const kept = (id: string, name: string, weight = 1): CriterionKept => ({
	id,
	name,
	description: '',
	weight,
	levels: [level('No', 0), level('Yes', 10)],
});

describe('the starter', () => {
	it('is complete and says nothing that judges', () => {
		expect([...check(starter())]).toEqual([]);
		expect([...advice(starter())]).toEqual([]);
		expect(starter()).toHaveLength(5);
	});
	it('is nobody’s: changing one leaves the next as it was', () => {
		const [first] = starter();
		if (first) first.name = 'Other';
		expect(starter()[0]?.name).toBe('Opening');
	});
});

describe('what is missing', () => {
	it('is said where it stands', () => {
		const one = freshCriterion();
		expect([...check([one]).keys()]).toEqual([
			'criteria[0].name',
			'criteria[0].levels[0].description',
			'criteria[0].levels[1].description',
			'criteria[0].levels[2].description',
			'criteria[0].levels[3].description',
		]);
		expect([...check([]).keys()]).toEqual(['criteria']);
	});
	it('points that fall, are no number or lead nowhere', () => {
		const [one] = draftOf([kept('a', 'Opening')]);
		if (!one) throw new Error('no draft');
		const points = (...values: string[]) => {
			one.levels = values.map((value, i) => ({ key: i, name: 'L', points: value, description: 'D' }));
			return [...check([one])];
		};
		expect(points('0', '5', '5', '9')).toEqual([]);
		expect(points('0', '5', '4', '9')).toEqual([
			['criteria[0].levels[2].points', 'Not fewer points than the level before.'],
		]);
		expect(points('3', '3')).toEqual([
			['criteria[0].levels[1].points', 'The highest level needs more points than the lowest.'],
		]);
		expect(points('0', '101').map(([path]) => path)).toEqual(['criteria[0].levels[1].points']);
		expect(points('-1', 'x').map(([path]) => path)).toEqual([
			'criteria[0].levels[0].points',
			'criteria[0].levels[1].points',
		]);
		expect(points('1').map(([path]) => path)).toContain('criteria[0].levels');
	});
	it('two of one name, however it is written', () => {
		const wrong = check(draftOf([kept('a', 'Proof'), kept('b', ' proof ')]));
		expect([...wrong]).toEqual([['criteria[1].name', 'Criterion 1 is called the same.']]);
		expect(wrongBelow(wrong, 'criteria[1]')).toBe(1);
		expect(wrongBelow(wrong, 'criteria[0]')).toBe(0);
	});
	it('counts what is below a criterion, and not below one whose number begins alike', () => {
		const wrong = new Map([
			['criteria[1].name', 'x'],
			['criteria[12].name', 'x'],
		]);
		expect(wrongBelow(wrong, 'criteria[1]')).toBe(1);
	});
});

it('advises where a description judges or repeats', () => {
	const [one] = draftOf([kept('a', 'Opening')]);
	if (!one) throw new Error('no draft');
	one.levels = ['Speaks well.', 'Names a number.', 'names a number.'].map((description, i) => ({
		key: i,
		name: 'L',
		points: String(i),
		description,
	}));
	expect([...advice([one])]).toEqual([
		['criteria[0].levels[0].description', '“well” judges. Say what one would see or hear.'],
		['criteria[0].levels[2].description', 'The same words as level 2: two reviewers will differ.'],
	]);
});

it('reads whole numbers only', () => {
	expect(['7', ' 12 ', '', '1.5', '-1', '1e3'].map(whole)).toEqual([7, 12, undefined, undefined, undefined, undefined]);
});

it('a weight is a share of all weights', () => {
	expect(weightShares([{ weight: '1' }, { weight: '3' }])).toEqual([25, 75]);
	expect(weightShares([{ weight: 'x' }])).toEqual([0]);
});

it('a further level goes on as far as the one before, up to a hundred', () => {
	const levels = (...points: string[]) => points.map((p, key) => ({ key, name: '', points: p, description: '' }));
	expect(levelAdded(levels('0', '10')).at(-1)?.points).toBe('20');
	expect(levelAdded(levels('70', '100')).at(-1)?.points).toBe('100');
	expect(levelAdded(levels('5', '5')).at(-1)?.points).toBe('6');
});

describe('a version that is edited', () => {
	const base = [kept('a', 'Opening'), kept('b', 'Proof', 2), kept('c', 'Next step')];
	it('continues each criterion, until one is a copy', () => {
		const drafts = draftOf(base);
		expect(bodyOf(drafts).map((one) => one.continues)).toEqual(['a', 'b', 'c']);
		const [first] = drafts;
		if (!first) throw new Error('no draft');
		expect(bodyOf([copyOf(first)])[0]).toMatchObject({ name: 'Opening (copy)' });
		expect(bodyOf([copyOf(first)])[0]).not.toHaveProperty('continues');
	});
	it('says what is otherwise, and nothing where nothing is', () => {
		expect(changesOf(base, draftOf(base))).toEqual([]);
		expect(sameCriteria(draftOf(base), draftOf(base))).toBe(true);
		const [opening, proof] = draftOf(base);
		if (!opening || !proof) throw new Error('no drafts');
		opening.name = 'First words';
		opening.levels[1] = { key: 9, name: 'Yes', points: '20', description: 'Other.' };
		proof.weight = '3';
		const added = { ...freshCriterion(), name: 'Price' };
		expect(changesOf(base, [opening, proof, added])).toEqual([
			{
				kind: 'changed',
				name: 'First words',
				words: ['was called “Opening”', 'other points', 'levels in other words'],
			},
			{ kind: 'changed', name: 'Proof', words: ['weight 3 instead of 2'] },
			{ kind: 'new', name: 'Price', words: [] },
			{ kind: 'dropped', name: 'Next step', words: [] },
		]);
	});
	it('knows another order from something new in between', () => {
		const [a, b, c] = draftOf(base);
		if (!a || !b || !c) throw new Error('no drafts');
		expect(reordered(base, [a, freshCriterion(), b, c])).toBe(false);
		expect(reordered(base, [b, a, c])).toBe(true);
	});
});

describe('putting in order', () => {
	it('moves one, and stops at the ends', () => {
		expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a']);
		expect(moved(['a', 'b', 'c'], 2, 0)).toEqual(['c', 'a', 'b']);
		expect(moved(['a', 'b'], 0, 9)).toEqual(['b', 'a']);
		expect(moved(['a', 'b'], 5, 0)).toEqual(['a', 'b']);
	});
	it('drops before the first whose middle lies below', () => {
		const middles = [10, 30, 50];
		expect(placeAt(middles, 5, 2)).toBe(0);
		expect(placeAt(middles, 20, 2)).toBe(1);
		expect(placeAt(middles, 45, 0)).toBe(1);
		expect(placeAt(middles, 99, 0)).toBe(2);
		expect(placeAt(middles, 30, 1)).toBe(1);
	});
	it('goes by arrows and end keys, and nowhere beyond', () => {
		expect(placeByKey('ArrowUp', 0, 3)).toBeUndefined();
		expect(placeByKey('ArrowDown', 0, 3)).toBe(1);
		expect(placeByKey('End', 0, 3)).toBe(2);
		expect(placeByKey('Home', 0, 3)).toBeUndefined();
		expect(placeByKey('a', 1, 3)).toBeUndefined();
	});
});
