import { plural } from '../../../i18n/format.ts';

/** The words of the list of programmes. */
export const listEn = {
	title: 'Programmes',
	rubrics: 'Rubrics',
	tabs: 'Programmes and rubrics',
	lead: 'Certifications: a brief, a rubric, who takes part, and how they stand.',
	leadManager: 'Certifications that your people take part in, and how they stand.',
	add: 'New programme',
	which: 'Which programmes',
	all: 'All',
	states: { open: 'Open', draft: 'Draft', closed: 'Closed' },
	emptyTitle: 'No programme yet',
	empty:
		'A programme asks people for a short take, says what is looked for, and gives whoever passes a certificate. It takes a brief, a rubric and who takes part.',
	emptyManager: 'Once your people take part in a programme, it stands here with how they do.',
	noneTitle: 'None of these',
	none: 'No programme is in this state.',
	noDue: 'no due time',
	dueOn: (day: string) => `until ${day}`,
	dueAfter: (n: number) => `${plural(n, 'day', 'days')} after the start`,
	changed: (when: string) => `changed ${when}`,
} as const;
