import { describe, expect, it } from 'vitest';
import { kindOf, type Modeled, ofPerson, playing, shown, tableOf } from './modeled.ts';
import { orderOf } from './sort.ts';

const rita = { id: 'r', name: 'Rita Moreau' };
const tom = { id: 't', name: 'Tom Okafor' };
const counts = { saw: 6, shared: 1, saved: 2, used: 3, used_rate: 0.5 };
const report: Modeled = {
	definition: 'D.',
	as_of: '2026-11-22T05:00:00Z',
	filters: {},
	people: [
		{ person: rita, videos: 2, ...counts },
		{ person: tom, videos: 1, saw: 9, shared: 0, saved: 0, used: 1 },
	],
	videos: [
		{ video_id: 'v1', title: 'Half the price', author: rita, ...counts },
		{ video_id: 'v2', title: 'Silence', author: tom, saw: 9, shared: 0, saved: 0, used: 1 },
	],
	moments: [
		{
			video_id: 'v1',
			title: 'Half the price',
			author: rita,
			text: 'so I asked',
			start_ms: 2000,
			end_ms: 12000,
			...counts,
		},
	],
};

describe('what is shown', () => {
	it('follows the order of the table', () => {
		expect(shown(report, '', orderOf('')).people.map((row) => row.person.name)).toEqual(['Rita Moreau', 'Tom Okafor']);
		expect(shown(report, '', orderOf('saw')).people.map((row) => row.person.name)).toEqual([
			'Tom Okafor',
			'Rita Moreau',
		]);
	});
	it('is of one author where one is chosen', () => {
		const rows = shown(report, 't', orderOf(''));
		expect([rows.people.length, rows.videos.length, rows.moments.length]).toEqual([1, 1, 0]);
		expect(rows.videos[0]?.video_id).toBe('v2');
	});
	it('is people unless the address says otherwise', () => {
		expect(['', 'videos', 'moments', 'all'].map(kindOf)).toEqual(['people', 'videos', 'moments', 'people']);
	});
});

it('leads from a person to their videos with the same filters, and from a moment to its second', () => {
	expect(ofPerson('r', { team: 'n', from: '2026-01-01' })).toBe(
		'/reports/modeled?team=n&from=2026-01-01&of=videos&person=r',
	);
	expect(playing({ video_id: 'v1', start_ms: 2000, end_ms: 12000 })).toBe('/watch/v1?t=2000&end=12000');
});

it('writes a file of the table that is shown', () => {
	const rows = shown(report, '', orderOf(''));
	expect(tableOf('people', rows)[1]).toEqual(['Rita Moreau', 2, 6, 1, 2, 3, 0.5]);
	expect(tableOf('people', rows)[2]).toEqual(['Tom Okafor', 1, 9, 0, 0, 1, undefined]);
	expect(tableOf('moments', rows)).toEqual([
		[
			'Moment',
			'Video',
			'Person',
			'start_ms',
			'end_ms',
			'Saw',
			'Shared',
			'Saved',
			'Used',
			'Rate: of those who saw it, used it',
		],
		['so I asked', 'Half the price', 'Rita Moreau', 2000, 12000, 6, 1, 2, 3, 0.5],
	]);
	for (const kind of ['people', 'videos', 'moments'] as const) {
		const table = tableOf(kind, rows);
		for (const row of table) expect(row).toHaveLength(table[0]?.length ?? 0);
	}
});
