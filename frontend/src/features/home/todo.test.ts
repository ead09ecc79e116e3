import { expect, it } from 'vitest';
import { itemsOf, type Todo } from './todo.ts';

const now = Date.parse('2026-11-22T09:00:00Z');
const nothing: Todo = {
	reviews: { count: 0, minutes: 0, due_today: 0, pool: 0 },
	enrolments: [],
	assignments: 0,
	feedback: 0,
	promotions: 0,
	promises_due: 0,
	calibration: false,
	disputes: 0,
	results_unread: [],
};
const items = (more: Partial<Todo>) => itemsOf({ ...nothing, ...more }, 'Europe/Berlin', now);

it('is nothing where nothing waits', () => {
	expect(items({})).toEqual([]);
});
it('begins with a result, then what is due, then what others wait for', () => {
	const all = items({
		reviews: { count: 5, minutes: 18, due_today: 1, pool: 2 },
		enrolments: [
			{ id: 'e', programme: { name: 'Pitch' }, overdue: false, due_at: '2026-11-23T22:59:00Z' },
			{ id: 'f', programme: { name: 'Price' }, overdue: true, due_at: '2026-11-21T22:59:00Z' },
			{ id: 'g', programme: { name: 'Close' }, overdue: false },
		],
		results_unread: [{ attempt_id: 'a', programme: { name: 'Opening' }, decision: 'pass' }],
		calibration: true,
	});
	expect(all.map(({ href, words, more, late }) => [href, words, more, late])).toEqual([
		['/attempts/a', 'Your result: Opening', 'Passed', undefined],
		['/certify/e', 'Certify: Pitch', 'due tomorrow 23:59, in 1 day', false],
		['/certify/f', 'Certify: Price', 'was due yesterday 23:59, 10 hours ago', true],
		['/certify/g', 'Certify: Close', undefined, false],
		['/reviews', '5 takes to review', 'about 18 minutes, 1 due today', undefined],
		['/reviews?tab=pool', '2 takes in the pool, for whoever takes it on', undefined, undefined],
		['/calibration', 'This month’s three takes to score', undefined, undefined],
	]);
});
it('counts in words', () => {
	const words = (more: Partial<Todo>) => items(more).map((item) => item.words);
	expect(words({ feedback: 1, assignments: 2, promotions: 1, promises_due: 2, disputes: 1 })).toEqual([
		'1 dispute to settle',
		'2 practices asked of you',
		'1 colleague asks for your feedback',
		'1 take of yours wanted in the library',
		'2 promises are due',
	]);
});
