import { expect, it } from 'vitest';
import { href, icon, type Notice, words } from './notice.ts';

const notice = (more: Partial<Notice>): Notice => ({
	id: 'n',
	kind: 'note',
	at: '2026-11-22T10:00:00Z',
	read: false,
	...more,
});

it('opens three seconds before the note', () => {
	expect(href(notice({ video_id: 'v', at_ms: 9_000, note_id: 'x' }))).toBe('/watch/v?t=6000&note=x');
	expect(href(notice({ video_id: 'v', at_ms: 1_000, note_id: 'x' }))).toBe('/watch/v?t=0&note=x');
});
it('opens the moment that was sent', () => {
	expect(href(notice({ kind: 'share', video_id: 'v', start_ms: 4_000, end_ms: 9_000 }))).toBe(
		'/watch/v?t=4000&end=9000',
	);
	expect(href(notice({ kind: 'share', video_id: 'v', start_ms: 0, end_ms: 0 }))).toBe('/watch/v');
});
it('leads where something can be done', () => {
	expect(href(notice({ kind: 'failed', video_id: 'v' }))).toBe('/mine');
	expect(href(notice({ kind: 'ask', ask_id: 'a' }))).toBe('/');
});
it.each([
	['enrolled', '/certify/s'],
	['due', '/certify/s'],
	['extended', '/certify/s'],
	['result', '/attempts/s'],
	['resolved', '/attempts/s'],
	['certificate', '/certificates'],
	['review', '/reviews/s'],
	['waiting', '/reviews/s'],
	['deputy', '/reviews/s'],
	['dispute', '/disputes/s'],
	['promotion', '/promotions/s'],
	['calibration', '/calibration'],
	['assigned', '/coaching/practice/s'],
	['practised', '/coaching/practice/s'],
	['given', '/watch/v'],
	['promoted', '/watch/v'],
	['of next year', '/watch/v'],
])('%s leads to %s', (kind, to) => {
	expect(href(notice({ kind, subject_id: 's', video_id: 'v' }))).toBe(to);
});
it('has a picture and words for what it does not know', () => {
	expect(icon(notice({ kind: 'of next year' }))).toBe('bell');
	expect(words(notice({ kind: 'of next year' }))).toContain('Reload');
	expect(words(notice({ kind: 'constructor' }))).toContain('Reload');
});
it('says that the time of a take in the library is over, which is nobody’s act', () => {
	expect(words(notice({ kind: 'promoted', video_title: 'Half the price' }))).toBe(
		'Half the price has left the library',
	);
});
it('says who did what', () => {
	expect(words(notice({ actor: { id: 'p', name: 'Max' }, video_title: 'Half the price' }))).toBe(
		'Max wrote a note on Half the price',
	);
	expect(words(notice({ kind: 'failed' }))).toContain('an untitled take');
});
