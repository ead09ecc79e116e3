import { expect, it } from 'vitest';
import { marked } from './marked.ts';

const shown = (text: string, marks: { start: number; end: number }[]) =>
	marked(text, marks)
		.map((part) => (part.mark ? `[${part.text}]` : part.text))
		.join('');

it.each([
	[[], 'half the price'],
	[[{ start: 0, end: 4 }], '[half] the price'],
	[
		[
			{ start: 9, end: 14 },
			{ start: 0, end: 4 },
		],
		'[half] the [price]',
	],
	[
		[
			{ start: 0, end: 8 },
			{ start: 5, end: 99 },
		],
		'[half the][ price]',
	],
	[[{ start: 4, end: 4 }], 'half the price'],
])('%j', (marks, want) => expect(shown('half the price', marks)).toBe(want));
