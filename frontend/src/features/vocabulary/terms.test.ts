import { describe, expect, it } from 'vitest';
import type { Term } from '../../api/vocabulary.svelte.ts';
import { elsewhere, kindOf, listed, phrasesOf } from './terms.ts';

const term = (over: Partial<Term>): Term => ({
	id: over.label ?? '',
	kind: 'tactic',
	key: (over.label ?? '').toLowerCase(),
	label: '',
	description: '',
	keywords: [],
	retired: false,
	...over,
});
const terms = [
	term({ label: 'Trade', description: 'Never give without a return.', keywords: ['in return'] }),
	term({ label: 'Anchor', keywords: ['cost of delay', 'every month'] }),
	term({ label: 'Old way', retired: true, keywords: ['in return'] }),
	term({ label: 'Discovery', kind: 'stage' }),
];
const labels = (list: readonly Term[]) => list.map((one) => one.label);

describe('terms', () => {
	it('are listed by kind and label, the retired apart', () => {
		const { current, retired } = listed(terms, 'tactic', '');
		expect(labels(current)).toEqual(['Anchor', 'Trade']);
		expect(labels(retired)).toEqual(['Old way']);
	});
	it.each([
		['DELAY', ['Anchor']],
		['month cost', ['Anchor']],
		['never', ['Trade']],
		['discovery', []],
	])('are found by %j', (search, want) => expect(labels(listed(terms, 'tactic', search).current)).toEqual(want));
	it('are tactics unless the address says otherwise', () => {
		expect(['', 'stage', 'nonsense'].map(kindOf)).toEqual(['tactic', 'stage', 'tactic']);
	});
});

it('reads phrases one a line', () =>
	expect(phrasesOf(' in return \n\nIn Return\ncost   of delay\n')).toEqual(['in return', 'cost of delay']));

it('knows which phrases suggest another term, but not a retired one or itself', () => {
	const of = { kind: 'tactic' as const, id: 'Anchor' };
	expect(elsewhere(['in return', 'cost of delay', 'trade'], terms, of)).toEqual([
		{ phrase: 'in return', label: 'Trade' },
		{ phrase: 'trade', label: 'Trade' },
	]);
	expect(elsewhere(['in return'], terms, { kind: 'stage', id: 'Discovery' })).toEqual([]);
});
