import { en } from './en.ts';

// A rubric while somebody writes it: numbers are texts, as they stand in their fields.

export interface LevelDraft {
	readonly key: number;
	name: string;
	points: string;
	description: string;
}

export interface CriterionDraft {
	/** Ours, for as long as it is edited. */
	readonly key: number;
	/** The criterion of the version before that it stands for; "" for a new one. */
	continues: string;
	name: string;
	description: string;
	weight: string;
	levels: LevelDraft[];
}

export interface LevelBody {
	name: string;
	points: number;
	description: string;
}

/** A criterion as it is sent. */
export interface CriterionBody {
	name: string;
	description: string;
	weight: number;
	levels: LevelBody[];
	continues?: string;
}

/** A criterion as the server keeps it. */
export interface CriterionKept extends Omit<CriterionBody, 'continues' | 'levels'> {
	readonly id: string;
	readonly levels: readonly LevelBody[];
}

export const most = { criteria: 20, levels: 6, points: 100, weight: 100 } as const;

let nextKey = 1;
/** A key that no other criterion or level of this page has. */
export const freshKey = (): number => nextKey++;

/** Levels of a new criterion: four, worth what their points say of a hundred. */
export function freshLevels(): LevelDraft[] {
	const points = [0, 40, 70, 100];
	return points.map((value, i) => ({
		key: freshKey(),
		name: en.levelNames[i] ?? '',
		points: String(value),
		description: '',
	}));
}

export const freshCriterion = (): CriterionDraft => ({
	key: freshKey(),
	continues: '',
	name: '',
	description: '',
	weight: '1',
	levels: freshLevels(),
});

/** A version as it begins to be edited: each criterion continues what it was. */
export const draftOf = (criteria: readonly CriterionKept[]): CriterionDraft[] =>
	criteria.map((one) => ({ ...written(one), continues: one.id }));

/** Criteria that nobody has kept yet, such as the starter. */
export const written = (criterion: CriterionBody | CriterionKept): CriterionDraft => ({
	key: freshKey(),
	continues: '',
	name: criterion.name,
	description: criterion.description,
	weight: String(criterion.weight),
	levels: criterion.levels.map(({ name, points, description }) => ({
		key: freshKey(),
		name,
		points: String(points),
		description,
	})),
});

/** A copy of a criterion beside it; it is a new one, whatever its model continued. */
export const copyOf = (criterion: CriterionDraft): CriterionDraft => ({
	...criterion,
	key: freshKey(),
	continues: '',
	name: criterion.name && en.copyOf(criterion.name),
	levels: criterion.levels.map((level) => ({ ...level, key: freshKey() })),
});

/** A whole number, or undefined where the text is none. */
export function whole(text: string): number | undefined {
	return /^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}

/** What is sent. Only of what `check` finds nothing wrong with: a number that cannot be read is 0. */
export const bodyOf = (drafts: readonly CriterionDraft[]): CriterionBody[] =>
	drafts.map((one) => ({
		name: one.name.trim(),
		description: one.description.trim(),
		weight: whole(one.weight) ?? 0,
		levels: one.levels.map((level) => ({
			name: level.name.trim(),
			points: whole(level.points) ?? 0,
			description: level.description.trim(),
		})),
		...(one.continues ? { continues: one.continues } : {}),
	}));

/** The criterion of these drafts with one more level at its high end: its points lie as far on as those before. */
export function levelAdded(levels: readonly LevelDraft[]): LevelDraft[] {
	const [before = 0, last = 0] = levels.slice(-2).map((level) => whole(level.points) ?? 0);
	const points = Math.min(most.points, last + Math.max(1, last - before));
	return [...levels, { key: freshKey(), name: '', points: String(points), description: '' }];
}

/** What is wrong or missing, by where it stands, as the server names it: "criteria[0].levels[1].points". */
export function check(drafts: readonly CriterionDraft[]): Map<string, string> {
	const wrong = new Map<string, string>();
	if (drafts.length === 0) wrong.set('criteria', en.wrong.none);
	if (drafts.length > most.criteria) wrong.set('criteria', en.wrong.tooMany(most.criteria));
	const names = new Map<string, number>();
	for (const [i, one] of drafts.entries()) {
		const at = `criteria[${i}]`;
		const name = one.name.trim().toLocaleLowerCase();
		const weight = whole(one.weight);
		if (name === '') wrong.set(`${at}.name`, en.wrong.name);
		else if (names.has(name)) wrong.set(`${at}.name`, en.wrong.twice((names.get(name) ?? 0) + 1));
		else names.set(name, i);
		if (weight === undefined || weight < 1 || weight > most.weight) wrong.set(`${at}.weight`, en.wrong.weight);
		if (one.levels.length < 2 || one.levels.length > most.levels) wrong.set(`${at}.levels`, en.wrong.levels);
		checkLevels(one.levels, at, wrong);
	}
	return wrong;
}

function checkLevels(levels: readonly LevelDraft[], at: string, wrong: Map<string, string>): void {
	let before = 0;
	for (const [i, level] of levels.entries()) {
		const here = `${at}.levels[${i}]`;
		const points = whole(level.points);
		const last = i === levels.length - 1;
		if (level.name.trim() === '') wrong.set(`${here}.name`, en.wrong.levelName);
		if (level.description.trim() === '') wrong.set(`${here}.description`, en.wrong.description);
		if (points === undefined || points > most.points) wrong.set(`${here}.points`, en.wrong.points);
		else if (points < before) wrong.set(`${here}.points`, en.wrong.falling);
		else if (last && points <= (whole(levels[0]?.points ?? '') ?? 0)) wrong.set(`${here}.points`, en.wrong.flat);
		before = Math.max(before, points ?? 0);
	}
}

const judging =
	/\b(good|well|great|excellent|poor(?:ly)?|bad(?:ly)?|confident(?:ly)?|effective(?:ly)?|adequate(?:ly)?|professional(?:ly)?|strong(?:ly)?|weak(?:ly)?|nice(?:ly)?)\b/i;

/** What could be better, by where it stands: words that judge instead of saying what one sees or hears. */
export function advice(drafts: readonly CriterionDraft[]): Map<string, string> {
	const out = new Map<string, string>();
	for (const [i, one] of drafts.entries()) {
		const seen = new Map<string, number>();
		for (const [j, level] of one.levels.entries()) {
			const at = `criteria[${i}].levels[${j}].description`;
			const text = level.description.trim().toLocaleLowerCase();
			const word = judging.exec(text)?.[1];
			const twin = seen.get(text);
			if (text !== '' && twin !== undefined) out.set(at, en.sameAs(twin + 1));
			else if (word) out.set(at, en.judges(word));
			seen.set(text, j);
		}
	}
	return out;
}

/** Of a hundred, how much of the score each criterion counts; nothing while no weight can be read. */
export function weightShares(drafts: readonly { weight: string | number }[]): number[] {
	const weights = drafts.map((one) => (typeof one.weight === 'number' ? one.weight : (whole(one.weight) ?? 0)));
	const sum = weights.reduce((a, b) => a + b, 0);
	return weights.map((weight) => (sum > 0 ? (100 * weight) / sum : 0));
}

/** How many things are wrong below a path. */
export const wrongBelow = (wrong: ReadonlyMap<string, string>, path: string): number =>
	[...wrong.keys()].filter((key) => key === path || key.startsWith(`${path}.`)).length;

/** The same criteria, word for word and in the same order. */
export const sameCriteria = (a: readonly CriterionDraft[], b: readonly CriterionDraft[]): boolean =>
	JSON.stringify(bodyOf(a)) === JSON.stringify(bodyOf(b));
