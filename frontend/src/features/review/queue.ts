import { date } from '../../i18n/format.ts';
import { en } from './en-queue.ts';
import type { Box, Item } from './types.ts';

const boxes: readonly Box[] = ['mine', 'pool', 'team', 'done'];

/** The box of an address; one's own for whatever else it says. */
export const boxOf = (tab: string): Box => boxes.find((box) => box === tab) ?? 'mine';

/** When it is due, as seen from now: what is late says so, and today is today where the reader is. */
export function dueWords(item: Pick<Item, 'due_at' | 'overdue'>, now = new Date()): string {
	if (!item.due_at) return '';
	const due = new Date(item.due_at);
	if (item.overdue) return en.overdue(date(item.due_at));
	return due.toDateString() === now.toDateString() ? en.dueToday : en.due(date(item.due_at));
}
