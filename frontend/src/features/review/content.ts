import type { Criterion, Decision, Draft, DraftNote, Kind, Pass, Review, Rubric } from './types.ts';

// What a reviewer writes, as a value: every change gives a new one, which makes keeping, comparing and taking back easy.

export interface Content {
	readonly levels: Readonly<Record<string, number>>;
	readonly notes: readonly DraftNote[];
	readonly decision?: Decision;
	readonly retry_criteria: readonly string[];
	/** In the reviewer's own words; undefined while it is drafted from the notes. */
	readonly message?: string;
}

export const nothing: Content = { levels: {}, notes: [], retry_criteria: [] };

/** The content of a draft of the server, which has no message while it is drafted from the notes. */
export function contentOf(draft: Draft): Content {
	return {
		levels: { ...draft.levels },
		notes: inOrder(draft.notes.map((note) => noteOf(note))),
		retry_criteria: [...draft.retry_criteria],
		...(draft.decision ? { decision: draft.decision } : {}),
		...(draft.message ? { message: draft.message } : {}),
	};
}

function noteOf({ id, at_ms, kind, text, voice, reply_video_id }: DraftNote): DraftNote {
	return { id, at_ms, kind, text, voice, ...(reply_video_id ? { reply_video_id } : {}) };
}

const inOrder = (notes: readonly DraftNote[]): DraftNote[] =>
	[...notes].sort((a, b) => a.at_ms - b.at_ms || a.id.localeCompare(b.id));

/** Sets the level of a criterion. */
export const withLevel = (content: Content, criterion: string, level: number): Content => ({
	...content,
	levels: { ...content.levels, [criterion]: level },
});

/** Puts a note in its place; one of the same id is replaced. */
export const withNote = (content: Content, note: DraftNote): Content => ({
	...content,
	notes: inOrder([...content.notes.filter(({ id }) => id !== note.id), note]),
});

export const withoutNote = (content: Content, id: string): Content => ({
	...content,
	notes: content.notes.filter((note) => note.id !== id),
});

/** Whether a note says anything: a mark says what it is, any other needs words, a voice or a video. */
export const empty = (note: DraftNote): boolean =>
	note.kind === 'note' && note.text.trim() === '' && !note.voice && note.reply_video_id === undefined;

/** Decides; a retry begins with the criteria that fall short, unless some were named before. */
export function decided(content: Content, decision: Decision, short: readonly string[]): Content {
	const named = decision === 'retry' && content.retry_criteria.length === 0 ? [...short] : content.retry_criteria;
	return { ...content, decision, retry_criteria: named };
}

/** Names a criterion for the retry, or no longer. */
export const named = (content: Content, criterion: string, on: boolean): Content => ({
	...content,
	retry_criteria: on
		? [...content.retry_criteria.filter((id) => id !== criterion), criterion]
		: content.retry_criteria.filter((id) => id !== criterion),
});

/** Whether two contents say the same; blanks at the ends say nothing, and the server does not keep them. */
export function same(a: Content, b: Content): boolean {
	return JSON.stringify(canonical(a)) === JSON.stringify(canonical(b));
}

function canonical({ levels, notes, decision, retry_criteria, message }: Content): unknown {
	return [
		Object.entries(levels).sort(([x], [y]) => x.localeCompare(y)),
		inOrder(notes).map(({ id, at_ms, kind, text, voice, reply_video_id }) => [
			id,
			Math.round(at_ms),
			kind,
			text.trim(),
			voice,
			reply_video_id ?? '',
		]),
		decision ?? '',
		[...retry_criteria].sort(),
		(message ?? '').trim(),
	];
}

/** The levels that count: those that are carried stand. */
export function levelsOf(content: Content, review: Pick<Review, 'carried'>): Readonly<Record<string, number>> {
	return { ...content.levels, ...Object.fromEntries(review.carried.map((one) => [one.criterion_id, one.level])) };
}

/** The criteria that are looked at, in the order of the rubric. */
export const openCriteria = (review: Pick<Review, 'rubric' | 'carried'>): Criterion[] =>
	review.rubric.criteria.filter(({ id }) => !review.carried.some((one) => one.criterion_id === id));

const has = (criterion: Criterion, level: number | undefined): level is number =>
	level !== undefined && level >= 1 && level <= criterion.levels.length;

/** The share of 1 that a level of a criterion is worth. */
export function shareOf(criterion: Criterion, level: number): number {
	const most = criterion.levels.at(-1)?.points ?? 0;
	return most > 0 ? (criterion.levels[level - 1]?.points ?? 0) / most : 0;
}

/** How it stands: the score and what a pass still lacks. The server's word is the last; this one comes at once. */
export interface Standing {
	/** Percent with one decimal, rounded down; undefined while a criterion has no level. */
	readonly score: number | undefined;
	/** Criteria without a level. */
	readonly missing: readonly Criterion[];
	/** Criteria below what the pass rule asks of each. */
	readonly below: readonly Criterion[];
	readonly passes: boolean;
}

export function standing(
	rubric: Pick<Rubric, 'criteria'>,
	pass: Pass,
	levels: Readonly<Record<string, number>>,
): Standing {
	const missing = rubric.criteria.filter((criterion) => !has(criterion, levels[criterion.id]));
	const weights = rubric.criteria.reduce((sum, { weight }) => sum + weight, 0);
	const worth = rubric.criteria.reduce(
		(sum, criterion) => sum + criterion.weight * shareOf(criterion, levels[criterion.id] ?? 0),
		0,
	);
	// Hundredths of a percent, half rounded up, as the server keeps it; the last part is for what binary fractions lose.
	const hundredths =
		missing.length === 0 && weights > 0 ? Math.floor((worth / weights) * 10_000 + 0.5 + 1e-6) : undefined;
	const below = rubric.criteria.filter((criterion) => {
		const level = levels[criterion.id];
		const need = Math.max(1, Math.min(pass.level, criterion.levels.length));
		return pass.kind === 'each' && has(criterion, level) && level < need;
	});
	const enough = hundredths !== undefined && (pass.kind === 'each' || hundredths >= pass.percent * 100);
	return {
		score: hundredths === undefined ? undefined : Math.floor(hundredths / 10) / 10,
		missing,
		below,
		passes: enough && below.length === 0,
	};
}

/**
 * The criteria that a retry would be about: those below what each must reach; where the total decides, those furthest
 * from full marks.
 */
export function shortOf(review: Pick<Review, 'rubric' | 'pass'>, levels: Readonly<Record<string, number>>): string[] {
	const { below } = standing(review.rubric, review.pass, levels);
	if (below.length > 0) return below.map(({ id }) => id);
	const shares = review.rubric.criteria
		.filter((criterion) => has(criterion, levels[criterion.id]))
		.map((criterion) => ({ id: criterion.id, share: shareOf(criterion, levels[criterion.id] ?? 0) }));
	const least = Math.min(1, ...shares.map(({ share }) => share));
	return least < 1 ? shares.filter(({ share }) => share === least).map(({ id }) => id) : [];
}

/** Why it cannot be sent yet; undefined: it can. */
export type Lack =
	| { readonly why: 'levels'; readonly criteria: readonly Criterion[] }
	| { readonly why: 'decision' }
	| { readonly why: 'pass'; readonly standing: Standing }
	| { readonly why: 'retry' };

export function lackOf(
	content: Content,
	review: Pick<Review, 'rubric' | 'pass' | 'carried' | 'role'>,
): Lack | undefined {
	const now = standing(review.rubric, review.pass, levelsOf(content, review));
	if (now.missing.length > 0) return { why: 'levels', criteria: now.missing };
	if (review.role === 'again') return; // an older result stands; only the levels are asked for
	if (content.decision === undefined) return { why: 'decision' };
	if (content.decision === 'pass' && !now.passes) return { why: 'pass', standing: now };
	if (content.decision === 'retry' && content.retry_criteria.length === 0) return { why: 'retry' };
	return;
}

/** What is sent: notes that say nothing are left out, and a mark without a word points at its second. */
export const toSend = (content: Content, here: string): Content => ({
	...content,
	notes: content.notes
		.filter((note) => !empty(note))
		.map((note) =>
			note.text.trim() === '' && !note.voice && note.reply_video_id === undefined ? { ...note, text: here } : note,
		),
});

/** The note that a kind is made of, at a second. */
export const newNote = (id: string, at_ms: number, kind: Kind, text = ''): DraftNote => ({
	id,
	at_ms: Math.max(0, Math.round(at_ms)),
	kind,
	text,
	voice: false,
});
