import type { Ref } from '../types.ts';

// The set-up of a programme as it is written: the shape of the API with ids for names.

export const answerTypes = ['camera', 'screen', 'file'] as const;
export type AnswerType = (typeof answerTypes)[number];
export type Role = 'rep' | 'manager' | 'trainer' | 'admin';
export type State = 'draft' | 'open' | 'closed';

export interface Rule {
	readonly person_id?: string;
	readonly team_id?: string;
	readonly role?: Role;
	readonly new_within_days?: number;
}

export interface Attachment {
	readonly title: string;
	readonly url?: string;
	readonly video_id?: string;
	readonly file_id?: string;
}

/** Numbers that cannot be read are NaN; such a field is not sent. */
export interface Setup {
	name: string;
	brief: string;
	/** An end of 0 is that of the video, whose length is given as far as it is known. */
	model: { video_id: string; start_ms: number; end_ms: number; length_ms: number } | null;
	attachments: Attachment[];
	rubric_version_id: string;
	/** 0: no length to aim at. */
	target_ms: number;
	answer_types: AnswerType[];
	rules: Rule[];
	due: { kind: 'none' | 'date' | 'days'; date: string; days: number };
	/** 0: no limit. */
	attempts_max: number;
	wait_hours: number;
	pass: { kind: 'total' | 'each'; percent: number; level: number };
	reviewers: { kind: 'manager' | 'named' | 'pool'; person_ids: string[] };
	second_share: number;
	second_distance: number;
	/** 0: for ever. */
	valid_days: number;
	renew_days: number;
	peers: 'never' | 'before' | 'after';
	must_say: string[];
	must_not_say: string[];
}

export type Field = keyof Setup;

export const fields = [
	'name',
	'brief',
	'model',
	'attachments',
	'rubric_version_id',
	'target_ms',
	'answer_types',
	'rules',
	'due',
	'attempts_max',
	'wait_hours',
	'pass',
	'reviewers',
	'second_share',
	'second_distance',
	'valid_days',
	'renew_days',
	'peers',
	'must_say',
	'must_not_say',
] as const satisfies readonly Field[];

/** What of a programme says its set-up, as the API gives it. */
export interface Source {
	readonly name: string;
	readonly brief: string;
	readonly model?: {
		readonly video_id: string;
		readonly start_ms: number;
		readonly end_ms: number;
		readonly video?: { readonly duration_ms: number };
	};
	readonly attachments: readonly {
		readonly title: string;
		readonly url?: string;
		readonly video_id?: string;
		readonly file?: { readonly id: string };
	}[];
	readonly rubric?: { readonly version_id: string };
	readonly target_ms: number;
	readonly answer_types: readonly AnswerType[];
	readonly rules: readonly {
		readonly person?: Ref;
		readonly team?: Ref;
		readonly role?: Role;
		readonly new_within_days?: number;
	}[];
	readonly due: { readonly kind: Setup['due']['kind']; readonly date?: string; readonly days?: number };
	readonly attempts_max: number;
	readonly wait_hours: number;
	readonly pass: Setup['pass'];
	readonly reviewers: { readonly kind: Setup['reviewers']['kind']; readonly people: readonly Ref[] };
	readonly second_share: number;
	readonly second_distance: number;
	readonly valid_days: number;
	readonly renew_days: number;
	readonly peers: Setup['peers'];
	readonly must_say: readonly string[];
	readonly must_not_say: readonly string[];
}

/** The set-up of a programme, ready to be written. */
export const setupOf = (p: Source): Setup => ({
	name: p.name,
	brief: p.brief,
	model: p.model
		? {
				video_id: p.model.video_id,
				start_ms: p.model.start_ms,
				end_ms: p.model.end_ms,
				length_ms: p.model.video?.duration_ms ?? 0,
			}
		: null,
	attachments: p.attachments.map(({ title, url, video_id, file }) =>
		video_id ? { title, video_id } : file ? { title, file_id: file.id } : { title, url: url ?? '' },
	),
	rubric_version_id: p.rubric?.version_id ?? '',
	target_ms: p.target_ms,
	answer_types: [...p.answer_types],
	rules: p.rules.map(({ person, team, role, new_within_days }) =>
		person
			? { person_id: person.id }
			: {
					...(team ? { team_id: team.id } : {}),
					...(role ? { role } : {}),
					...(new_within_days ? { new_within_days } : {}),
				},
	),
	due: { kind: p.due.kind, date: p.due.date ?? '', days: p.due.days || 14 },
	attempts_max: p.attempts_max,
	wait_hours: p.wait_hours,
	pass: { kind: p.pass.kind, percent: p.pass.percent, level: p.pass.level },
	reviewers: { kind: p.reviewers.kind, person_ids: p.reviewers.people.map((one) => one.id) },
	second_share: p.second_share,
	second_distance: p.second_distance,
	valid_days: p.valid_days,
	renew_days: p.renew_days,
	peers: p.peers,
	must_say: [...p.must_say],
	must_not_say: [...p.must_not_say],
});

const text = (value: string) => value.replace(/\r\n/g, '\n').trim();
/** The model take as it is sent: a stretch with its end, or the whole video. */
const modelBody = (model: Setup['model']) => {
	if (!model) return { video_id: '' };
	const { video_id, start_ms, end_ms, length_ms } = model;
	return { video_id, start_ms, end_ms: end_ms === 0 && start_ms > 0 ? length_ms : end_ms };
};
/** A field as the server keeps it: without what does not apply, and with lists of ids in their order. */
const plain: { [K in Field]?: (value: Setup[K]) => unknown } = {
	name: text,
	brief: text,
	model: modelBody,
	attachments: (list) =>
		list.map((one) => ({ ...one, title: text(one.title), ...(one.url ? { url: text(one.url) } : {}) })),
	answer_types: (list) => [...list].sort(),
	due: ({ kind, date, days }) => [kind, kind === 'date' ? date : '', kind === 'days' ? days : 0],
	reviewers: ({ kind, person_ids }) => [kind, kind === 'manager' ? [] : [...person_ids].sort()],
	must_say: (list) => list.map(text).filter(Boolean),
	must_not_say: (list) => list.map(text).filter(Boolean),
	rules: (list) => list.map((r) => [r.person_id ?? '', r.team_id ?? '', r.role ?? '', r.new_within_days ?? 0]),
};

/** A field of two set-ups means the same, whatever blanks and orders it is written with. */
export function same<K extends Field>(field: K, a: Setup, b: Setup): boolean {
	const as = plain[field] ?? ((value: Setup[K]) => value);
	return JSON.stringify(as(a[field])) === JSON.stringify(as(b[field]));
}

/** The fields in which two set-ups differ. */
export const differing = (a: Setup, b: Setup): Field[] => fields.filter((field) => !same(field, a, b));

/** Copies one field from a set-up to another. */
export function take<K extends Field>(field: K, to: Setup, from: Setup): void {
	to[field] = structuredClone(from[field]);
}

/**
 * Brings together what two people made of the same set-up: what only one of them changed is theirs. `mine` becomes
 * the result; what both changed, each otherwise, stays as it is there and is named.
 */
export function merge(base: Setup, mine: Setup, theirs: Setup): { taken: Field[]; conflicts: Field[] } {
	const taken: Field[] = [];
	const conflicts: Field[] = [];
	for (const field of fields) {
		if (same(field, base, theirs) || same(field, mine, theirs)) continue;
		if (same(field, base, mine)) {
			take(field, mine, theirs);
			taken.push(field);
		} else conflicts.push(field);
	}
	return { taken, conflicts };
}

/** Fields as they are sent: what does not apply is left out. */
export type Body = Partial<Omit<Setup, 'model' | 'due'>> & {
	/** Without an id: none. */
	model?: { video_id: string; start_ms?: number; end_ms?: number };
	due?: { kind: Setup['due']['kind']; date?: string; days?: number };
};

/** These fields as they are sent. */
export function bodyOf(setup: Setup, only: readonly Field[]): Body {
	const { kind, date, days } = setup.due;
	const by = setup.reviewers.kind;
	const whole: Body = {
		...setup,
		name: text(setup.name),
		brief: text(setup.brief),
		model: modelBody(setup.model),
		due: { kind, ...(kind === 'date' ? { date } : {}), ...(kind === 'days' ? { days } : {}) },
		reviewers: { kind: by, person_ids: by === 'manager' ? [] : setup.reviewers.person_ids },
		attachments: setup.attachments.map((one) => ({
			...one,
			title: text(one.title),
			...(one.url === undefined ? {} : { url: text(one.url) }),
		})),
		must_say: setup.must_say.map(text).filter(Boolean),
		must_not_say: setup.must_not_say.map(text).filter(Boolean),
	};
	return Object.fromEntries(only.map((field) => [field, whole[field]])) as Body;
}
