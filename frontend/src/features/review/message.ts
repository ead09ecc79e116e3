import { clock } from '../../i18n/format.ts';
import type { Content } from './content.ts';
import { words } from './en-message.ts';
import type { Review } from './types.ts';

/** Longest that the message may be, as the server has it. */
export const longest = 4000;

/**
 * The message to the participant as the notes and the decision give it: what was good, what to work on, what was asked,
 * each with its second. The reviewer reads it before it is sent, and may write another.
 */
export function drafted(content: Content, review: Pick<Review, 'rubric' | 'attempt'>): string {
	const name = review.attempt.person.name.split(/\s+/)[0] ?? '';
	const parts: string[] = [];
	if (content.decision === 'pass') parts.push(words.pass(name));
	if (content.decision === 'fail') parts.push(words.fail(name));
	if (content.decision === 'retry') {
		const again = review.rubric.criteria.filter(({ id }) => content.retry_criteria.includes(id));
		parts.push(
			words.retry(
				name,
				again.map((criterion) => criterion.name),
			),
		);
	}
	for (const kind of ['good', 'work', 'question', 'note'] as const) {
		const said = content.notes
			.filter((note) => note.kind === kind && note.text.trim() !== '')
			.map((note) => `${clock(note.at_ms)} ${note.text.trim().replace(/\s+/g, ' ')}`);
		if (said.length > 0) parts.push(`${words.kinds[kind]}\n${said.map((line) => `– ${line}`).join('\n')}`);
	}
	const silent = content.notes.filter(({ text, kind }) => kind !== 'note' && text.trim() === '').length;
	if (silent > 0) parts.push(words.marks(silent));
	return parts.join('\n\n').slice(0, longest);
}

/** What is sent: the reviewer's own words, or those drafted. */
export const messageOf = (content: Content, review: Pick<Review, 'rubric' | 'attempt'>): string =>
	content.message ?? drafted(content, review);
