import { describe, expect, it } from 'vitest';
import { address, filtersOf, headOf, inWords, points, rate, tree } from './query.ts';

describe('filters of an address', () => {
	it('are read by their names, empty ones not at all', () => {
		const params = new URLSearchParams('team=t1&tactic=&from=2026-01-01&of=videos&sort=saw');
		expect(filtersOf(params)).toEqual({ team: 't1', from: '2026-01-01' });
	});
	it('go back into an address', () => {
		expect(address('/reports/tactics', { team: 't 1', to: '2026-01-31' })).toBe(
			'/reports/tactics?team=t+1&to=2026-01-31',
		);
		expect(address('/reports/tactics', {})).toBe('/reports/tactics');
	});
});

it('lists teams as a tree, and a team without a visible parent as a root', () => {
	const team = (id: string, name: string, parent_id?: string) => ({
		id,
		name,
		member_ids: [],
		manager_ids: [],
		...(parent_id ? { parent_id } : {}),
	});
	const teams = [
		team('c', 'South', 'a'),
		team('b', 'North', 'a'),
		team('a', 'Sales'),
		team('d', 'Ops', 'gone'),
		team('e', 'Coast', 'b'),
	];
	expect(tree(teams).map(({ team: one, depth }) => `${'-'.repeat(depth)}${one.name}`)).toEqual([
		'Ops',
		'Sales',
		'-North',
		'--Coast',
		'-South',
	]);
});

describe('what a report says about itself', () => {
	const about = {
		definition: 'Distinct colleagues.',
		as_of: '2026-11-22T05:00:00Z',
		filters: { team: 't1', from: '2026-10-01T00:00:00Z', to: '2026-11-23T00:00:00Z' },
	};
	const label = { team: (id: string) => (id === 't1' ? 'North' : id), tactic: (key: string) => key };
	it('is in words', () => {
		expect(inWords(about.filters, label)).toEqual({
			team: 'North',
			tactic: 'All tactics',
			period: 'Oct 1, 2026 to Nov 22, 2026',
		});
		expect(inWords({}, label).period).toBe('All time');
		expect(inWords({ from: about.filters.from }, label).period).toBe('Since Oct 1, 2026');
		expect(inWords({ to: about.filters.to }, label).period).toBe('Until Nov 22, 2026');
	});
	it('stands above the table in a file', () => {
		const head = headOf('Most modeled', about, inWords(about.filters, label));
		expect(head).toContainEqual(['Definition', 'Distinct colleagues.']);
		expect(head).toContainEqual(['As of', '2026-11-22T05:00:00Z']);
		expect(head).toContainEqual(['Team', 'North']);
		expect(head.at(-1)).toEqual([]);
	});
});

it.each([
	[0.0823, '+8.2'],
	[-0.031, '\u22123.1'],
	[0.0004, '0.0'],
	[-0.0004, '0.0'],
])('writes %f as %s points', (x, want) => expect(points(x)).toBe(want));
it('writes rates as the sentences do', () => {
	expect(rate(0.3678)).toBe('36.8%');
	expect(points(0.05, false)).toBe('5.0');
});
