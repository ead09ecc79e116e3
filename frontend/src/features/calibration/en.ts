/** The words of calibration. */
export const en = {
	title: 'Calibration',
	lead: 'A few takes that a panel has scored. Score them blind, then see where you differ.',
	gold: 'Gold takes and reviewers',
	until: (due: string) => `Until ${due}`,
	takes: 'This month’s takes',
	takeOf: (n: number, of: number, title: string) => `Take ${n} of ${of}: ${title}`,
	scored: 'scored',
	notReviewer: 'Calibration is for reviewers',
	notReviewerWords: 'You review nobody at present. When you do, three takes come here each month.',
	none: 'No takes this month',
	noneWords: 'Trainers have made no gold take that you could score blind.',
	skipped: 'You have skipped this month',
	skippedWords: (left: number) =>
		left > 0
			? 'The next three come with the next month.'
			: 'The next month’s cannot be skipped: that was two in a row.',
	skip: 'Skip this month',
	skipQuestion: 'Skip this month’s takes?',
	skipHint: (left: number) =>
		left > 1
			? 'Two months in a row can be skipped; this would be the first.'
			: 'This is the second in a row: the next month’s must be scored.',
	skipYes: 'Skip',
	watch: 'Watch the take',
	noVideo: 'The video cannot be shown.',
	again: 'You have scored this take before and know the panel’s scores. It does not count into your figures.',
	criteria: 'Criteria',
	noLevel: 'No level yet',
	level: (n: number, name: string) => `${n}: ${name}`,
	keys: 'Keys: 1 to 5 give the level and move on, up and down change the criterion, space plays.',
	left: (n: number) =>
		n === 0
			? 'All criteria have a level.'
			: n === 1
				? '1 criterion has no level yet.'
				: `${n} criteria have no level yet.`,
	send: 'Give these scores',
	final: 'Scores given blind are final. The panel’s come after.',
	given: 'Your scores are in',
	youAndPanel: 'You beside the panel',
	you: 'You',
	panel: 'Panel',
	criterion: 'Criterion',
	difference: 'Difference',
	same: 'the same',
	milder: (by: string) => `${by} milder`,
	stricter: (by: string) => `${by} stricter`,
	panelGave: (levels: string) => `gave ${levels}`,
	biggest: 'Where you differ most',
	agree: 'You gave the panel’s level on every criterion.',
	gap: (name: string, by: string, way: string) => `${name}: ${by} ${way} than the panel`,
	levels: (n: string) => (n === '1' ? '1 level' : `${n} levels`),
	next: 'Next take',
	done: 'That is all for this month. Thank you.',
	figures: 'Your figures',
	figuresHint: 'For you and the trainers alone: not for your manager.',
	againstPanel: 'Against the panel',
	againstColleagues: 'Against colleagues',
	severity: 'Severity',
	kappa: 'Agreement (kappa)',
	interval: (low: string, high: string) => `${low} to ${high}`,
	tooFew: (n: number) => `Too few: ${n} of 10 takes`,
	ofTakes: (takes: number, n: number) => `${takes} takes, ${n} criteria`,
	undefined: 'not defined: always the same level',
	definition: 'What this means',
} as const;
