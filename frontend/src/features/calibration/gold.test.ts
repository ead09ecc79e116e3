import { expect, test } from 'vitest';
import { type Draft, draftOf, keptOf, ready } from './gold.ts';
import type { Criterion, Gold } from './types.ts';

const level = (name: string) => ({ points: 1, name, description: '' });
const criteria: Criterion[] = ['a', 'b'].map((id) => ({
	id,
	name: id,
	description: '',
	weight: 1,
	levels: [level('low'), level('high')],
}));
const gold = {
	id: 'g',
	title: 'Gold',
	video_id: 'v',
	usable: true,
	rubric: { id: 'r1', rubric_id: 'r', number: 1, criteria },
	panel: [{ person: { id: 'p', name: 'Pia' }, levels: { a: 1, b: 2 } }],
	panel_hidden: false,
	scored_by: 0,
} satisfies Gold;

test('nothing is ready before all of it is said', () => {
	const whole = draftOf(gold);
	expect(ready(whole, criteria)).toBe(true);
	const lacking: Partial<Draft>[] = [
		{ title: ' ' },
		{ video: undefined },
		{ version: '' },
		{ panel: [] },
		{ panel: [{ person: { id: 'p', name: 'Pia' }, levels: { a: 1 } }] },
	];
	for (const one of lacking) expect(ready({ ...whole, ...one }, criteria)).toBe(false);
	expect(ready(draftOf(), criteria)).toBe(false);
});

test('what is sent names versions and persons', () => {
	expect(keptOf({ ...draftOf(gold), title: ' New ' })).toEqual({
		title: 'New',
		video_id: 'v',
		rubric_version_id: 'r1',
		panel: [{ person_id: 'p', levels: { a: 1, b: 2 } }],
	});
});
