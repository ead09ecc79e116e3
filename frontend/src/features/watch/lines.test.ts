import { describe, expect, it } from 'vitest';
import { lineAt, linesOf, matches } from './lines.ts';

/** Words 300 ms apart; "|" is a rest of so many further milliseconds. */
function segment(text: string, rest = 700) {
	let at = 0;
	const words: { text: string; start_ms: number; end_ms: number }[] = [];
	for (const part of text.split(' ')) {
		if (part === '|') at += rest;
		else {
			words.push({ text: part, start_ms: at, end_ms: at + 250 });
			at += 300;
		}
	}
	return { start_ms: 0, end_ms: at, text: words.map((w) => w.text).join(' '), words };
}
const texts = (text: string, rest?: number) => linesOf([segment(text, rest)]).map((line) => line.text);

describe('lines of a transcript', () => {
	it('end with sentences', () =>
		expect(texts('I was quiet. Then he said “yes.” Fine')).toEqual(['I was quiet.', 'Then he said “yes.”', 'Fine']));
	it('end where somebody rests', () => expect(texts('so I said | let us')).toEqual(['so I said', 'let us']));
	it('are cut at the longest rest where nobody stops', () => {
		const long = 'one two three four five six seven eight nine | ten eleven twelve thirteen fourteen fifteen';
		expect(texts(long, 100)).toEqual([
			'one two three four five six seven eight nine',
			'ten eleven twelve thirteen fourteen fifteen',
		]);
	});
	it('lose no word and keep their order, however long nobody stops', () => {
		const words = Array.from({ length: 200 }, (_, i) => `w${i}`).join(' ');
		const lines = texts(words);
		expect(lines.join(' ')).toBe(words);
		expect(Math.max(...lines.map((line) => line.split(' ').length))).toBeLessThanOrEqual(14);
	});
	it('take a segment without words as it is', () =>
		expect(linesOf([{ start_ms: 5, end_ms: 9, text: 'Corrected by hand' }])).toEqual([
			{ start_ms: 5, end_ms: 9, text: 'Corrected by hand', words: [{ text: 'Corrected by hand', unsure: false }] },
		]));
	it('know which of them is said', () => {
		const lines = [100, 500, 900].map((start_ms) => ({ start_ms, end_ms: start_ms + 300, text: '', words: [] }));
		expect([0, 100, 499, 500, 5000].map((ms) => lineAt(lines, ms))).toEqual([-1, 0, 0, 1, 2]);
		expect(lineAt([], 10)).toBe(-1);
	});
});

it.each([
	[
		'Half the price, half the risk',
		'half',
		[
			[0, 4],
			[16, 20],
		],
	],
	['Half the price', ' ', []],
	['aaa', 'aa', [[0, 2]]],
	['İstanbul half', 'half', []],
])('%s has %s at %j', (text, wanted, want) =>
	expect(matches(text, wanted).map(({ start, end }) => [start, end])).toEqual(want),
);
