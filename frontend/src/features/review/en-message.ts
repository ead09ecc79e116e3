import { list, plural } from '../../i18n/format.ts';

/** The words of the drafted message: they are read by the participant. */
export const words = {
	pass: (name: string) => `${name}, you passed.`,
	retry: (name: string, criteria: readonly string[]) =>
		criteria.length > 0
			? `${name}, please try once more on ${list(criteria)}. The rest stands.`
			: `${name}, please try once more.`,
	fail: (name: string) => `${name}, this one did not pass.`,
	kinds: { good: 'What was good:', work: 'To work on:', question: 'I ask myself:', note: 'What I noticed:' },
	marks: (n: number) => `${plural(n, 'mark', 'marks')} in the video ${n === 1 ? 'says' : 'say'} where.`,
} as const;
