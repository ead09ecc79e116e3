import { away, when } from '../../reel/when.ts';
import type { IconName } from '../../ui/icons.ts';
import { en } from './todo.en.ts';

type Decision = 'pass' | 'retry' | 'fail';

/** What waits for a person, as the server sums it up. */
export interface Todo {
	readonly reviews: {
		readonly count: number;
		readonly minutes: number;
		readonly due_today: number;
		readonly pool: number;
	};
	readonly enrolments: readonly {
		readonly id: string;
		readonly programme: { readonly name: string };
		readonly overdue: boolean;
		readonly due_at?: string;
	}[];
	readonly assignments: number;
	readonly feedback: number;
	readonly promotions: number;
	readonly promises_due: number;
	readonly calibration: boolean;
	readonly disputes: number;
	readonly results_unread: readonly {
		readonly attempt_id: string;
		readonly programme: { readonly name: string };
		readonly decision: Decision;
	}[];
}

/** One thing to do, and where. */
export interface Item {
	readonly href: string;
	readonly icon: IconName;
	readonly words: string;
	readonly more?: string;
	/** It is late. */
	readonly late?: boolean;
}

const some = (n: number, item: (n: number) => Item): Item[] => (n > 0 ? [item(n)] : []);

/** What there is to do, in the order in which it presses: one's own results and due times, then what others wait for. */
export function itemsOf(todo: Todo, zone: string | undefined, now = Date.now()): Item[] {
	const { reviews } = todo;
	return [
		...todo.results_unread.map(
			({ attempt_id, programme, decision }): Item => ({
				href: `/attempts/${attempt_id}`,
				icon: 'check',
				words: en.resultOf(programme.name),
				more: en.result[decision],
			}),
		),
		...todo.enrolments.map(
			({ id, programme, due_at, overdue }): Item => ({
				href: `/certify/${id}`,
				icon: 'shield',
				words: en.practise(programme.name),
				...(due_at ? { more: (overdue ? en.overdue : en.due)(when(due_at, zone, now), away(due_at, zone, now)) } : {}),
				late: overdue,
			}),
		),
		...some(reviews.count, (n) => ({
			href: '/reviews',
			icon: 'eye',
			words: en.reviews(n),
			more: [
				...(reviews.minutes > 0 ? [en.reviewTime(reviews.minutes)] : []),
				...(reviews.due_today > 0 ? [en.dueToday(reviews.due_today)] : []),
			].join(', '),
		})),
		...some(reviews.pool, (n) => ({ href: '/reviews?tab=pool', icon: 'team', words: en.pool(n) })),
		...some(todo.disputes, (n) => ({ href: '/disputes', icon: 'reply', words: en.disputes(n) })),
		...some(todo.assignments, (n) => ({ href: '/coaching', icon: 'record', words: en.assignments(n) })),
		...some(todo.feedback, (n) => ({ href: '/coaching', icon: 'ask', words: en.feedback(n) })),
		...some(todo.promotions, (n) => ({ href: '/coaching', icon: 'spark', words: en.promotions(n) })),
		...some(todo.promises_due, (n) => ({ href: '/coaching', icon: 'edit', words: en.promises(n) })),
		...(todo.calibration ? [{ href: '/calibration', icon: 'chart' as const, words: en.calibration }] : []),
	];
}
