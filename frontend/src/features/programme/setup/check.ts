import { en } from './en.ts';
import type { Field, Setup } from './setup.ts';

/** The bounds of the server. */
export const most = {
	target_s: 600,
	attempts: 50,
	wait_hours: 720,
	due_days: 730,
	valid_days: 3650,
	rules: 50,
	reviewers: 100,
	phrases: 30,
	phrase: 80,
	attachments: 20,
} as const;

const within = (n: number, low: number, high: number) => Number.isInteger(n) && n >= low && n <= high;

/** Whether a link can be opened by everybody, and is no trap: https, with a host and without a password. */
export function linkFine(url: string): boolean {
	try {
		const { protocol, host, username, password } = new URL(url.trim());
		return protocol === 'https:' && host !== '' && username === '' && password === '' && !/\s/.test(url.trim());
	} catch {
		return false;
	}
}

/**
 * What cannot be saved as it is, by where it stands: "due.days". Such a field is left out of what is sent, and the
 * rest is saved. `levels` is how many levels every criterion of the rubric has; 0 where no rubric is chosen.
 */
export function check(setup: Setup, levels = 0): Map<string, string> {
	const wrong = new Map<string, string>();
	const number = (path: string, n: number, low: number, high: number) => {
		if (!within(n, low, high)) wrong.set(path, en.wrong.between(low, high));
	};
	if (setup.name.trim() === '') wrong.set('name', en.wrong.name);
	if (!within(setup.target_ms, 0, most.target_s * 1000)) wrong.set('target_ms', en.wrong.target);
	if (setup.answer_types.length === 0) wrong.set('answer_types', en.wrong.answers);
	if (setup.due.kind === 'date' && !/^\d{4}-\d\d-\d\d$/.test(setup.due.date)) wrong.set('due.date', en.wrong.date);
	if (setup.due.kind === 'days') number('due.days', setup.due.days, 1, most.due_days);
	number('attempts_max', setup.attempts_max, 0, most.attempts);
	number('wait_hours', setup.wait_hours, 0, most.wait_hours);
	if (setup.pass.kind === 'total') number('pass.percent', setup.pass.percent, 1, 100);
	else if (levels > 0 && setup.pass.level > levels) wrong.set('pass.level', en.wrong.level(levels));
	if (setup.reviewers.kind !== 'manager' && setup.reviewers.person_ids.length === 0)
		wrong.set('reviewers.person_ids', en.wrong.reviewers);
	number('second_share', setup.second_share, 0, 100);
	number('second_distance', setup.second_distance, 0, 100);
	number('valid_days', setup.valid_days, 0, most.valid_days);
	number('renew_days', setup.renew_days, 0, most.valid_days);
	if (!wrong.has('renew_days') && setup.valid_days > 0 && setup.renew_days > setup.valid_days)
		wrong.set('renew_days', en.wrong.renew);
	checkModel(setup, wrong);
	checkLists(setup, wrong);
	return wrong;
}

function checkModel({ model }: Setup, wrong: Map<string, string>): void {
	if (!model) return;
	if (Number.isNaN(model.start_ms)) wrong.set('model.start_ms', en.wrong.clock);
	if (Number.isNaN(model.end_ms)) wrong.set('model.end_ms', en.wrong.clock);
	else if (model.end_ms > 0 && model.end_ms <= model.start_ms) wrong.set('model.end_ms', en.wrong.end);
}

function checkLists(setup: Setup, wrong: Map<string, string>): void {
	for (const [i, one] of setup.attachments.entries()) {
		if (one.title.trim() === '') wrong.set(`attachments[${i}].title`, en.wrong.title);
		if (one.video_id === undefined && one.file_id === undefined && !linkFine(one.url ?? ''))
			wrong.set(`attachments[${i}].url`, en.wrong.link);
	}
	for (const [i, rule] of setup.rules.entries()) {
		const days = rule.new_within_days ?? 0;
		if (!within(days, 0, most.due_days)) wrong.set(`rules[${i}].new_within_days`, en.wrong.between(0, most.due_days));
	}
	const said = new Set(setup.must_say.map((phrase) => phrase.trim().toLowerCase()).filter(Boolean));
	for (const field of ['must_say', 'must_not_say'] as const) {
		const phrases = setup[field].map((phrase) => phrase.trim()).filter(Boolean);
		const long = phrases.find((phrase) => phrase.length > most.phrase);
		if (phrases.length > most.phrases) wrong.set(field, en.wrong.phrases(most.phrases));
		else if (long) wrong.set(field, en.wrong.phrase(long.slice(0, 24), most.phrase));
	}
	const both = setup.must_not_say.find((phrase) => said.has(phrase.trim().toLowerCase()));
	if (both) wrong.set('must_not_say', en.wrong.both(both.trim()));
}

/** The field of the set-up that a place such as "rules[0].team_id" belongs to. */
export const fieldOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path;

/** The fields of which something is wrong. */
export const wrongFields = (wrong: ReadonlyMap<string, string>): Set<string> => new Set([...wrong.keys()].map(fieldOf));

/** What a programme must still have before it can be opened. */
export function missing(setup: Setup): { field: Field; words: string }[] {
	const out: { field: Field; words: string }[] = [];
	if (setup.name.trim() === '') out.push({ field: 'name', words: en.missing.name });
	if (setup.brief.trim() === '') out.push({ field: 'brief', words: en.missing.brief });
	if (setup.rubric_version_id === '') out.push({ field: 'rubric_version_id', words: en.missing.rubric });
	if (setup.rules.length === 0) out.push({ field: 'rules', words: en.missing.rules });
	return out;
}
