import { list, plural } from '../../../i18n/format.ts';
import { restEn as rest } from './rest.en.ts';
import type { Attachment, Setup } from './setup.ts';

// What the parts that are closed say of themselves.

/** Hours as people say them: "a day", "36 hours". */
export function waitWords(hours: number): string {
	if (hours === 0) return rest.attempts.noWait;
	return rest.attempts.wait(hours % 24 === 0 ? plural(hours / 24, 'day', 'days') : plural(hours, 'hour', 'hours'));
}

export const attemptsWords = ({ attempts_max, wait_hours }: Setup): string =>
	`${attempts_max === 0 ? rest.attempts.noLimit : plural(attempts_max, 'attempt', 'attempts')}, ${waitWords(wait_hours)}`;

export function reviewersWords(setup: Setup, name: (id: string) => string): string {
	const { kind, person_ids } = setup.reviewers;
	const who =
		kind === 'manager'
			? rest.reviewers.managerWords
			: (kind === 'named' ? rest.reviewers.namedWords : rest.reviewers.poolWords)(list(person_ids.map(name)) || '…');
	return setup.second_share > 0 ? `${who}; ${rest.reviewers.secondWords(setup.second_share)}` : who;
}

export function validWords({ valid_days, renew_days }: Setup): string {
	if (valid_days === 0) return rest.valid.forEver;
	const long = valid_days % 365 === 0 ? plural(valid_days / 365, 'year', 'years') : plural(valid_days, 'day', 'days');
	return renew_days > 0 ? rest.valid.renewed(long, plural(renew_days, 'day', 'days')) : rest.valid.only(long);
}

export const phrasesWords = ({ must_say, must_not_say }: Setup): string => {
	const some = (phrases: readonly string[]) => phrases.filter((phrase) => phrase.trim() !== '').length;
	return some(must_say) + some(must_not_say) === 0
		? rest.phrases.none
		: rest.phrases.words(some(must_say), some(must_not_say));
};

export const attachmentsWords = (attachments: readonly Attachment[]): string =>
	attachments.length === 0 ? rest.attachments.none : list(attachments.map((one) => one.title.trim() || '…'));
