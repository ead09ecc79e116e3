import { flushSync } from 'svelte';
import { describe, expect, test } from 'vitest';
import type { Schemas } from '../../api/client.ts';
import { corrected, Draft } from './editing.svelte.ts';
import type { Video } from './own.ts';

const video = {
	id: 'v',
	title: 'Price',
	description: '',
	audience: 'team',
	team_ids: [],
	tactics: ['anchor'],
	situation: { objection: 'price' },
} as unknown as Video;

describe('the draft of a description', () => {
	test('is unchanged until something is said', () => {
		const draft = new Draft(video);
		expect(draft.changed).toBe(false);
		draft.facets.stage = 'negotiation';
		flushSync();
		expect(draft.changed).toBe(true);
		draft.facets.stage = '';
		expect(draft.changed).toBe(false);
	});

	test('leaves out what is not said, and teams where none are meant', () => {
		const draft = new Draft(video);
		draft.text = '  ';
		draft.teams = ['t1'];
		expect(draft.body).toMatchObject({ situation: { objection: 'price' }, team_ids: [] });
		draft.audience = 'teams';
		expect(draft.body.team_ids).toEqual(['t1']);
	});
});

test('a corrected line keeps its time and loses its words; the others stay', () => {
	const word = { text: 'half', start_ms: 0, end_ms: 400 };
	const transcript = {
		segments: [
			{ start_ms: 0, end_ms: 400, text: 'half', words: [word] },
			{ start_ms: 400, end_ms: 900, text: 'medic', words: [{ ...word, text: 'medic' }] },
		],
	} as Schemas['TranscriptDTO'];
	expect(corrected(transcript, 1, ' MEDDIC ')).toEqual([
		{ start_ms: 0, end_ms: 400, text: 'half', words: [word] },
		{ start_ms: 400, end_ms: 900, text: 'MEDDIC' },
	]);
});
