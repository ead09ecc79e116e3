import type { Enrolment, EnrolmentFull, Pass, Practice, Rubric } from './types.ts';

/** What may become of a take now: it is submitted, swapped in, has to wait, or is practice and no more. */
export type Offer = 'submit' | 'swap' | 'wait' | 'none';

export function offer(e: Enrolment, now: number): Offer {
	if (e.waiting) return Date.parse(e.waiting.swap_until) > now ? 'swap' : 'none';
	if (e.status === 'left' || e.status === 'passed' || e.attempts_left === 0) return 'none';
	if (e.next_attempt_at !== undefined && Date.parse(e.next_attempt_at) > now) return 'wait';
	// The server counted the time to wait when it answered; what else closes it does not open by itself.
	return e.open || e.next_attempt_at !== undefined ? 'submit' : 'none';
}

/** May one still practise? As long as one takes part. */
export const practises = (e: Enrolment): boolean => e.status !== 'left';

/** The camera, opened for this; with a note of a review in view where one wants to try again from there. */
export function recordHref(e: Enrolment, again?: { attempt: string; note: string }): string {
	const query = new URLSearchParams({ kind: 'practice', for: e.id });
	if (e.programme.target_ms > 0) query.set('target', String(e.programme.target_ms));
	if (e.programme.answer_types.length > 0) query.set('types', e.programme.answer_types.join(','));
	query.set('back', `/certify/${e.id}`);
	if (again) {
		query.set('attempt', again.attempt);
		query.set('note', again.note);
	}
	return `/record?${query}`;
}

/** Whom it waits with, as a part of a sentence: "Your manager, and a second …." is "your manager". */
export function waitsWith(reviewers: string): string {
	const first = reviewers.replace(/(, and a second|; some) .*$/, '').replace(/\.$/, '');
	return first.replace(/^(Your|A|One) /, (word) => word.toLowerCase());
}

/** A practice with its number among all takes that were made for this, submitted ones, too. */
export interface Take {
	readonly n: number;
	readonly practice: Practice;
}

/** Newest first. */
export function takesOf({ practices, attempts_list }: EnrolmentFull): Take[] {
	const own = practices.map((practice) => ({ at: practice.video.created_at, practice }));
	const listed = new Set(practices.map(({ video }) => video.id));
	const handed = attempts_list.flatMap(({ video }) =>
		video && !listed.has(video.id) ? [{ at: video.created_at, practice: undefined }] : [],
	);
	return [...own, ...handed]
		.sort((a, b) => a.at.localeCompare(b.at))
		.flatMap(({ practice }, i) => (practice ? [{ n: i + 1, practice }] : []))
		.reverse();
}

/** Something of it is still under way on the server. */
export const unsettled = ({ practices }: EnrolmentFull): boolean =>
	practices.some(({ video, facts }) => facts.state === 'waiting' || ['processing', 'playable'].includes(video.state));

export interface Need {
	readonly reached: boolean;
	/** Criteria that are below the level that each must reach. */
	readonly below: readonly string[];
}

/** Whether levels reach what the pass rule asks. */
export function passed(
	pass: Pass,
	rubric: Rubric,
	score: number,
	scores: readonly { readonly criterion_id: string; readonly level: number }[],
): Need {
	if (pass.kind === 'total') return { reached: score >= pass.percent, below: [] };
	const level = new Map(scores.map((one) => [one.criterion_id, one.level]));
	// A criterion that has fewer levels is passed at its best.
	const below = rubric.criteria
		.filter(({ id, levels }) => (level.get(id) ?? 0) < Math.min(pass.level, levels.length))
		.map(({ name }) => name);
	return { reached: below.length === 0, below };
}
