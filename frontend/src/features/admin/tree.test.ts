import { expect, it } from 'vitest';
import { parentsFor, placed, type Team } from './tree.ts';

const team = (id: string, parent_id?: string): Team => ({
	id,
	name: id.toUpperCase(),
	member_ids: [],
	manager_ids: [],
	...(parent_id ? { parent_id } : {}),
});
const teams = [team('south', 'all'), team('all'), team('city', 'north'), team('north', 'all'), team('lost', 'nowhere')];
const shown = (list: ReturnType<typeof placed>) => list.map(({ team: t, depth }) => `${'-'.repeat(depth)}${t.id}`);

it('puts each team below its parent, by name', () => {
	expect(shown(placed(teams))).toEqual(['all', '-north', '--city', '-south', 'lost']);
});
it('moves no team below itself', () => {
	expect(shown(parentsFor(teams, 'north'))).toEqual(['all', '-south', 'lost']);
	expect(shown(parentsFor(teams, 'city'))).toEqual(['all', '-north', '-south', 'lost']);
});
