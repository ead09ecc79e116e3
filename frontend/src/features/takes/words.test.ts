import { describe, expect, test } from 'vitest';
import type { Phase, Take } from '../../recorder/state.ts';
import { needsPerson, progressOf, takeWords } from './words.ts';

const take = (more: Partial<Take> = {}): Take => ({
	id: 'a',
	source: 'camera',
	purpose: null,
	title: 'Take',
	filename: 'take.mp4',
	mime: 'video/mp4',
	startedAt: 0,
	durationMs: 0,
	phase: 'waiting',
	size: 1000,
	sent: 0,
	secondsLeft: null,
	videoId: null,
	details: null,
	refusal: null,
	safe: true,
	cut: false,
	...more,
});

describe('the state of a take in words', () => {
	test.each<[Phase, Partial<Take>, RegExp]>([
		['waiting', {}, /safe on this phone/i],
		['waiting', { safe: false }, /keep this page open/i],
		['sending', { sent: 630, secondsLeft: 6 }, /63% *, 6 seconds left/],
		['sending', { sent: 10, secondsLeft: 240 }, /1%, 4 minutes left/],
		['sending', { size: 0 }, /0%$/],
		['file', { filename: 'call.mov' }, /call\.mov/],
		['mobile', { size: 84e6 }, /84 MB/],
		[
			'refused',
			{ refusal: { code: 'quota_exceeded', detail: 'No space is left.' } },
			/kept on this phone.* No space is left\./,
		],
		['refused', { refusal: { code: 'hash_differs', detail: '' } }, /send it again/],
		[
			'refused',
			{ videoId: 'v', refusal: { code: 'team_not_found', detail: 'No such team.' } },
			/has arrived.*No such team/,
		],
		['sign_in', {}, /sign in/i],
		['recording', {}, /./],
		['checking', {}, /./],
		['sent', {}, /./],
		['elsewhere', {}, /tab/],
	])('%s %j', (phase, more, words) => expect(takeWords(take({ phase, ...more }))).toMatch(words));
});

test('only what cannot go on by itself asks for the person', () => {
	const phases: Phase[] = [
		'recording',
		'waiting',
		'sending',
		'checking',
		'sent',
		'sign_in',
		'file',
		'elsewhere',
		'mobile',
		'refused',
	];
	expect(phases.filter((phase) => needsPerson(take({ phase })))).toEqual(['sign_in', 'file', 'mobile', 'refused']);
});

test('several takes have one progress, by their bytes', () => {
	expect(progressOf([])).toBe(0);
	expect(progressOf([take({ size: 100, sent: 100 }), take({ size: 300, sent: 0 })])).toBe(0.25);
});
