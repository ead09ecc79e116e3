import { plural } from '../../i18n/format.ts';

/** The words of what waits for one. */
export const en = {
	title: 'To do',
	result: { pass: 'Passed', retry: 'Once more', fail: 'Not passed' },
	resultOf: (programme: string) => `Your result: ${programme}`,
	practise: (programme: string) => `Certify: ${programme}`,
	due: (when: string, away: string) => `due ${when}, ${away}`,
	overdue: (when: string, away: string) => `was due ${when}, ${away}`,
	reviews: (n: number) => `${plural(n, 'take', 'takes')} to review`,
	pool: (n: number) => `${plural(n, 'take', 'takes')} in the pool, for whoever takes it on`,
	reviewTime: (minutes: number) => `about ${plural(minutes, 'minute', 'minutes')}`,
	dueToday: (n: number) => `${n} due today`,
	disputes: (n: number) => `${plural(n, 'dispute', 'disputes')} to settle`,
	assignments: (n: number) => `${plural(n, 'practice', 'practices')} asked of you`,
	feedback: (n: number) => `${plural(n, 'colleague asks', 'colleagues ask')} for your feedback`,
	promotions: (n: number) => `${plural(n, 'take', 'takes')} of yours wanted in the library`,
	promises: (n: number) => `${plural(n, 'promise is', 'promises are')} due`,
	calibration: 'This month’s three takes to score',
} as const;
