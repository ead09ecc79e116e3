import { describe, expect, it } from 'vitest';
import { bar, compare, counted, from, mustNotSay, mustSay, phrasesSaid } from './facts.ts';
import { factsOf } from './fixture.ts';
import type { Facts } from './types.ts';

const fact = (key: string, more: Partial<Facts> = {}) => counted(factsOf(more)).find((one) => one.key === key);

describe('what is counted', () => {
	it.each([
		[112_000, '8 seconds under 2:00'],
		[121_000, 'just the 2:00 aimed at'],
		[195_000, '1 minute 15 seconds over 2:00'],
	])('a length of %d ms is %s', (duration_ms, against) => {
		expect(fact('length', { duration_ms })?.against).toBe(against);
	});
	it('has nothing to hold a length against without a target', () => {
		expect(fact('length', { target_ms: 0 })?.against).toBeUndefined();
	});
	it.each([
		[119.6, '120 words a minute', 'slower than the usual 120 to 165'],
		[120, '120 words a minute', 'within the usual 120 to 165'],
		[165, '165 words a minute', 'within the usual 120 to 165'],
		[170, '170 words a minute', 'faster than the usual 120 to 165'],
	])('a pace of %d is %s, %s', (words_per_minute, value, against) => {
		expect(fact('pace', { words_per_minute })).toMatchObject({ value, against });
	});
	it('holds a pace against nothing, and counts no fillers, where a language is not known', () => {
		const { pace_band: _, ...without } = factsOf({ fillers: { at_least: 0, known: false, at: [] } });
		const [, pace, , fillers] = counted(without);
		expect(pace).toEqual({ key: 'pace', name: 'Pace', value: '148 words a minute', marks: [] });
		expect(fillers).toMatchObject({ value: '–', against: 'not counted in this language' });
	});
	it('does not guess a pace', () => {
		const { words_per_minute: _, ...without } = factsOf();
		expect(counted(without).find((one) => one.key === 'pace')).toMatchObject({
			value: '–',
			against: 'too few words to tell',
		});
	});
	it('leads to each pause and filler', () => {
		expect(fact('pauses')).toMatchObject({ value: '1', marks: [{ at_ms: 12_000, label: '0:12 · 2.1 s' }] });
		expect(fact('fillers')).toMatchObject({ value: 'at least 2', marks: [{ at_ms: 5_000, label: '0:05 um' }] });
	});
	it('plays a little before what one wants to hear', () => {
		expect(from({ at_ms: 12_000, label: '' })).toBe(10_500);
		expect(from({ at_ms: 900, label: '' })).toBe(0);
	});
});

describe('phrases', () => {
	const must_say: Facts['must_say'] = [
		{ phrase: 'total cost', state: 'found', at_ms: 4_000 },
		{ phrase: 'next step', state: 'missing' },
		{ phrase: 'pilot', state: 'unclear', at_ms: 9_000 },
	];
	it('points at what was to be said and was not heard, and says unclear where it is', () => {
		const all = mustSay(factsOf({ must_say }));
		expect(all.map(({ value, look }) => [value, look])).toEqual([
			['said', false],
			['not heard', true],
			['unclear', false],
		]);
		expect(all[0]?.marks).toEqual([{ at_ms: 4_000, label: '0:04' }]);
		expect(all[1]?.marks).toEqual([]);
	});
	it('points at what was not to be said and was', () => {
		const must_not_say: Facts['must_not_say'] = [
			{ phrase: 'cheap', state: 'found', at_ms: 1_000 },
			{ phrase: 'guarantee', state: 'missing' },
		];
		expect(mustNotSay(factsOf({ must_not_say })).map(({ value, look }) => [value, look])).toEqual([
			['said', true],
			['not said', false],
		]);
	});
	it('sums them up', () => {
		expect(phrasesSaid(factsOf({ must_say }))).toBe('1 of 3 said, 1 unclear');
	});
});

it('puts takes side by side, with a dash where nothing is counted yet', () => {
	const must_say: Facts['must_say'] = [{ phrase: 'pilot', state: 'found', at_ms: 1 }];
	const rows = compare([factsOf({ must_say }), factsOf({ must_say, state: 'waiting', duration_ms: 60_000 })]);
	expect(rows).toEqual([
		{ name: 'Length', values: ['1:52', '1:00'] },
		{ name: 'Pace (words a minute)', values: ['148', '–'] },
		{ name: 'Pauses over a second', values: ['1', '–'] },
		{ name: 'Fillers', values: ['at least 2', '–'] },
		{ name: 'To be said', values: ['1 of 1 said', '–'] },
	]);
});

it('draws a bar that holds the take and its target', () => {
	expect(bar(factsOf({ duration_ms: 60_000 }))).toEqual({ done: 0.4, target: 0.8 });
	expect(bar(factsOf({ duration_ms: 300_000 }))).toEqual({ done: 1, target: 0.4 });
	expect(bar(factsOf({ duration_ms: 0, target_ms: 0 }))).toEqual({ done: 0, target: 0 });
});
