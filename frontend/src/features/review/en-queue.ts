import { count, plural } from '../../i18n/format.ts';
import type { Box, Summary } from './types.ts';

/** The words of the queue and of disputes. */
export const en = {
	title: 'Reviews',
	boxes: 'Which reviews',
	tabs: { mine: 'For me', pool: 'To take on', team: 'My line', done: 'Done' } satisfies Record<Box, string>,
	summary: ({ count: n, minutes, due_today, overdue, oldest_wait_hours }: Summary): string =>
		[
			`${count(n)} to review, about ${plural(minutes, 'minute', 'minutes')}`,
			...(overdue > 0 ? [`${count(overdue)} overdue`] : []),
			...(due_today > 0 ? [`${count(due_today)} due today`] : []),
			...(oldest_wait_hours >= 1 ? [`oldest waits ${oldestWait(oldest_wait_hours)}`] : []),
		].join('; '),
	start: 'Begin',
	goOn: 'Go on',
	disputes: 'Disputes',
	away: 'Away? Name a deputy',
	list: 'Reviews',
	empty: {
		mine: ['Nothing waits for you', 'What your people hand in stands here, the most urgent first.'],
		pool: ['Nothing to take on', 'Takes that any of several reviewers may look at stand here until one takes them on.'],
		team: ['Nobody waits', 'What is waiting in your line, whoever reviews it, stands here.'],
		done: ['None sent yet', 'Reviews that you have sent stand here.'],
	} satisfies Record<Box, readonly [string, string]>,
	more: 'More',
	attempt: (n: number) => `attempt ${n}`,
	roles: { first: '', second: 'Second, blind', third: 'Third, blind', dispute: 'Disputed', again: 'Newer rubric' },
	onlyCriteria: (n: number) => `${plural(n, 'criterion', 'criteria')} to look at`,
	draft: 'Draft begun',
	due: (when: string) => `due ${when}`,
	dueToday: 'due today',
	overdue: (when: string) => `was due ${when}`,
	came: (when: string) => `came ${when}`,
	sent: (when: string) => `sent ${when}`,
	with: (name: string) => `with ${name}`,
	nobody: 'nobody has taken it on',
	deputy: (name: string) => `for ${name}`,
	decisions: { pass: 'Passed', retry: 'Retry', fail: 'Failed' },
	claim: 'Take it on',
	reassign: 'Give it to somebody',
	moreOf: (name: string) => `More for ${name}`,
	reassignTitle: (name: string) => `Who reviews ${name}?`,
	reassignHint: 'They are told. A draft that was begun here is given up.',
	person: 'Person',
	reassigned: (name: string) => `Given to ${name}`,
	cancel: 'Cancel',
	give: 'Give it',
	chosen: (name: string) => `Goes to ${name}`,
} as const;

const oldestWait = (hours: number): string =>
	hours < 48 ? `${Math.floor(hours)} h` : plural(Math.floor(hours / 24), 'day', 'days');
