import { describe, expect, it } from 'vitest';
import { attemptOf, enrolmentOf, practiceOf, rubric } from './fixture.ts';
import { offer, passed, practises, recordHref, takesOf, unsettled, waitsWith } from './standing.ts';
import type { EnrolmentFull } from './types.ts';

const now = Date.parse('2026-11-22T09:00:00Z');
const soon = '2026-11-22T09:10:00Z';
const before = '2026-11-22T08:50:00Z';
const waiting = (swap_until: string) => ({ attempt_id: 'a', submitted_at: before, swap_until });

describe('what may become of a take', () => {
	it.each([
		['nothing was submitted yet', enrolmentOf(), 'submit'],
		['something waits, and can be swapped', enrolmentOf({ status: 'submitted', waiting: waiting(soon) }), 'swap'],
		['something waits for good', enrolmentOf({ status: 'submitted', waiting: waiting(before) }), 'none'],
		['it is to be done again', enrolmentOf({ status: 'retry', attempts_left: 1 }), 'submit'],
		['it is to be done again, later', enrolmentOf({ status: 'retry', next_attempt_at: soon }), 'wait'],
		['the time to wait is over', enrolmentOf({ status: 'retry', next_attempt_at: before }), 'submit'],
		['no attempt is left', enrolmentOf({ status: 'failed', attempts_left: 0 }), 'none'],
		['the programme is closed', enrolmentOf({ open: false }), 'none'],
		['it is passed', enrolmentOf({ status: 'passed' }), 'none'],
		['one takes part no longer', enrolmentOf({ status: 'left' }), 'none'],
	])('%s', (_, enrolment, want) => expect(offer(enrolment, now)).toBe(want));
	it('is practice in any case, unless one takes part no longer', () => {
		expect(practises(enrolmentOf({ status: 'passed' }))).toBe(true);
		expect(practises(enrolmentOf({ status: 'left' }))).toBe(false);
	});
});

it('opens the camera for it', () => {
	expect(recordHref(enrolmentOf())).toBe(
		'/record?kind=practice&for=e1&target=120000&types=camera&back=%2Fcertify%2Fe1',
	);
	expect(recordHref(enrolmentOf(), { attempt: 'a', note: 'n' })).toMatch(/&attempt=a&note=n$/);
});

it.each([
	['Your manager.', 'your manager'],
	['Your manager; some attempts are looked at by a second reviewer as well.', 'your manager'],
	['One of 5 reviewers, and a second reviewer who does not know what the first one found.', 'one of 5 reviewers'],
	['Ada Berg, Björn Lindqvist or Carla Mendes.', 'Ada Berg, Björn Lindqvist or Carla Mendes'],
	['Anna Young.', 'Anna Young'],
])('%s waits with %s', (words, names) => expect(waitsWith(words)).toBe(names));

it('numbers takes by when they were made, and shows the newest first', () => {
	const practices = [
		practiceOf('second', {}, '2026-11-22T08:00:00Z'),
		practiceOf('first', {}, '2026-11-21T08:00:00Z'),
		practiceOf('third', {}, '2026-11-22T08:30:00Z'),
	];
	expect(takesOf(enrolmentOf({ practices })).map(({ n, practice }) => [n, practice.video.id])).toEqual([
		[3, 'third'],
		[2, 'second'],
		[1, 'first'],
	]);
});

it('counts a submitted take once, whether it stands among the practices or not', () => {
	const older = practiceOf('older', {}, '2026-11-21T08:00:00Z');
	const handed = practiceOf('handed', { submitted: true }, '2026-11-22T08:00:00Z');
	const newer = practiceOf('newer', {}, '2026-11-22T09:00:00Z');
	const attempts_list = [attemptOf({ video: handed.video })];
	const numbers = (practices: EnrolmentFull['practices']) =>
		takesOf(enrolmentOf({ practices, attempts_list })).map(({ n, practice }) => [n, practice.video.id]);
	expect(numbers([older, handed, newer])).toEqual([
		[3, 'newer'],
		[2, 'handed'],
		[1, 'older'],
	]);
	expect(numbers([older, newer])).toEqual([
		[3, 'newer'],
		[1, 'older'],
	]);
});

it('is under way while a take is made ready or its words are written down', () => {
	const one = practiceOf('one');
	expect(unsettled(enrolmentOf({ practices: [one] }))).toBe(false);
	expect(unsettled(enrolmentOf({ practices: [{ ...one, facts: { ...one.facts, state: 'waiting' } }] }))).toBe(true);
	expect(unsettled(enrolmentOf({ practices: [{ ...one, video: { ...one.video, state: 'processing' } }] }))).toBe(true);
});

describe('the pass rule', () => {
	const levels = (open: number, close: number) => [
		{ criterion_id: 'open', level: open },
		{ criterion_id: 'close', level: close },
	];
	it('in total', () => {
		const pass = { kind: 'total', percent: 75, level: 0 } as const;
		expect(passed(pass, rubric, 75, levels(1, 1)).reached).toBe(true);
		expect(passed(pass, rubric, 74.9, levels(3, 2)).reached).toBe(false);
	});
	it('everywhere, and where a criterion has fewer levels, at its best', () => {
		const pass = { kind: 'each', percent: 0, level: 3 } as const;
		expect(passed(pass, rubric, 100, levels(3, 2))).toEqual({ reached: true, below: [] });
		expect(passed(pass, rubric, 80, levels(2, 2))).toEqual({ reached: false, below: ['Opening'] });
		expect(passed(pass, rubric, 0, [])).toEqual({ reached: false, below: ['Opening', 'Close'] });
	});
});
