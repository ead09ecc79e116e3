import { clock, plural } from '../../i18n/format.ts';
import { en } from './en.ts';

/** The words of what is fetched after the workplace itself, with its own. */
export const words = {
	...en,
	helpTitle: 'Keys of the workplace',
	keysOn: 'Single keys act',
	keyGroups: [
		{
			name: 'Watch',
			keys: [
				['Space', 'Play or pause'],
				['J L', 'Back or on 5 seconds'],
				[', .', 'A frame back or on'],
				['< >', 'Slower or faster'],
			],
		},
		{
			name: 'Note',
			keys: [
				['any letter', 'Begins a note with it; a capital always does'],
				['C N', 'Opens an empty note'],
				['G W Q', 'Marks good, work on, question; what you type next belongs to it'],
				['Enter', 'Keeps the note and plays on'],
				['Escape', 'Leaves the note'],
				['Ctrl Z', 'Takes back the last step'],
			],
		},
		{
			name: 'Score and send',
			keys: [
				['1 – 6', 'Level of this criterion, then the next'],
				['↑ ↓', 'Another criterion'],
				['P R F', 'Pass, retry, fail'],
				['Ctrl Enter', 'Send, and the next one plays'],
				[']', 'The next one, without sending'],
				['?', 'These keys'],
			],
		},
	],
	attemptPage: 'See that attempt',
	conflictTitle: 'Two drafts of this review',
	conflictWhy: 'It was written on another device meanwhile. One of them goes on; the other is given up.',
	mine: 'Here',
	theirs: 'On the other device',
	saved: (when: string) => `saved ${when}`,
	nLevels: (n: number) => plural(n, 'level', 'levels'),
	nNotes: (n: number) => plural(n, 'note', 'notes'),
	noDecision: 'not decided',
	useMine: 'Go on with this one',
	useTheirs: 'Go on with the other',
	fact: {
		waiting: 'The words are being written down; the facts come with them.',
		length: 'Length',
		lengthOf: (length: string, target: string) => `${length}, asked for ${target}`,
		pace: 'Pace',
		paceOf: (n: number) => `${n} words a speaking minute`,
		band: (low: number, high: number) => `usual: ${low} to ${high}`,
		pauses: 'Pauses over 1 s',
		fillers: 'Fillers',
		atLeast: (n: number) => `at least ${n}`,
		mustSay: 'To be said',
		mustNot: 'Not to be said',
		states: { found: 'said', missing: 'not found', unclear: 'unclear' },
		none: 'none',
		uncounted: 'not counted in this language',
		unsure: 'The machine was not sure of many words: take it as a hint.',
		how: 'How it is counted',
		at: (ms: number) => `Play at ${clock(ms)}`,
	},
} as const;
