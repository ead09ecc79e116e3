import { describe, expect, it } from 'vitest';
import { en } from './en-queue.ts';
import { boxOf, dueWords } from './queue.ts';

describe('the queue', () => {
	it('knows its boxes', () => {
		expect(['', 'pool', 'team', 'done', 'x'].map(boxOf)).toEqual(['mine', 'pool', 'team', 'done', 'mine']);
	});
	it('says what waits in one line', () => {
		const some = { count: 5, minutes: 18, due_today: 1, overdue: 0, oldest_wait_hours: 20.4 };
		expect(en.summary(some)).toBe('5 to review, about 18 minutes; 1 due today; oldest waits 20 h');
		expect(en.summary({ ...some, count: 1, minutes: 1, due_today: 0, overdue: 2, oldest_wait_hours: 72 })).toBe(
			'1 to review, about 1 minute; 2 overdue; oldest waits 3 days',
		);
		expect(en.summary({ ...some, due_today: 0, oldest_wait_hours: 0.4 })).toBe('5 to review, about 18 minutes');
	});
	it('says when it is due', () => {
		const now = new Date('2026-11-22T10:00:00Z');
		expect(dueWords({ overdue: false }, now)).toBe('');
		expect(dueWords({ due_at: '2026-11-22T12:00:00Z', overdue: false }, now)).toBe('due today');
		expect(dueWords({ due_at: '2026-11-26T12:00:00Z', overdue: false }, now)).toMatch(/^due .*26/);
		expect(dueWords({ due_at: '2026-11-20T12:00:00Z', overdue: true }, now)).toMatch(/^was due .*20/);
	});
});
