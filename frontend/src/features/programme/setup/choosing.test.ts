import { expect, it } from 'vitest';
import type { Programme } from './calls.ts';
import { chosenOf, type Row } from './rubrics.svelte.ts';
import { inTree } from './tree.ts';

const row: Row = {
	id: 'r1',
	name: 'Pitch',
	archived: false,
	version: 3,
	version_id: 'v3',
	criteria: 5,
	used_by: 1,
	updated_at: '2026-11-22T05:00:00Z',
};
const programme = {
	rubric: { id: 'r1', name: 'Pitch', version: 1, version_id: 'v1', current_version: 2 },
} as unknown as Programme;

it('a programme’s own version stays chosen, and says which is the newest', () => {
	expect(chosenOf('v1', programme, [row])).toMatchObject({ version: 1, newest: 3, newest_id: 'v3' });
	expect(chosenOf('v1', programme, [])).toMatchObject({ version: 1, newest: 2, newest_id: undefined });
});

it('another is the newest of its rubric; one that nobody knows is none', () => {
	expect(chosenOf('v3', programme, [row])).toMatchObject({ version: 3, newest: 3 });
	expect(chosenOf('v9', programme, [row])).toBeUndefined();
	expect(chosenOf('', programme, [row])).toBeUndefined();
});

it('teams stand below their parents, by name; one without its parent is a root', () => {
	const teams = [
		{ id: 'n', name: 'North', parent_id: 's' },
		{ id: 's', name: 'Sales' },
		{ id: 'c', name: 'Central', parent_id: 's' },
		{ id: 'x', name: 'Away', parent_id: 'gone' },
	];
	expect(inTree(teams).map(({ label }) => label)).toEqual(['Away', 'Sales', '\u2003Central', '\u2003North']);
});
