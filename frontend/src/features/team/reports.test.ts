import { describe, expect, it } from 'vitest';
import { inLine } from './reports.ts';

const team = (id: string, parent_id: string | undefined, manager_ids: string[], member_ids: string[]) => ({
	id,
	...(parent_id ? { parent_id } : {}),
	manager_ids,
	member_ids,
});
const teams = [
	team('sales', undefined, ['vera'], []),
	team('north', 'sales', ['marco', 'nils'], ['rita', 'marco']),
	team('coast', 'north', ['jonas'], ['sam', 'rita']),
	team('south', 'sales', ['elena'], ['hanna']),
];
const line = (me: string) => [...inLine(teams, me)].sort();

describe('whose videos a manager looks after', () => {
	it('those of the own team and of teams below, with their managers', () =>
		expect(line('marco')).toEqual(['jonas', 'rita', 'sam']));
	it('everybody below the top', () =>
		expect(line('vera')).toEqual(['elena', 'hanna', 'jonas', 'marco', 'nils', 'rita', 'sam']));
	it('nobody for who manages none', () => expect(line('rita')).toEqual([]));
	it('ends where teams stand in a ring', () =>
		expect([...inLine([team('a', 'b', ['x'], ['y']), team('b', 'a', [], ['z'])], 'x')].sort()).toEqual(['y', 'z']));
});
