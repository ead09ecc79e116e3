/** What the tests of this folder share. */
import type { Attempt, EnrolmentFull, Facts, Practice, Rubric, Video } from './types.ts';

export const rubric: Rubric = {
	id: 'v1',
	rubric_id: 'r1',
	created_at: '2026-11-01T09:00:00Z',
	number: 1,
	criteria: [
		{
			id: 'open',
			name: 'Opening',
			description: '',
			weight: 2,
			levels: [
				{ points: 0, name: 'None', description: '' },
				{ points: 2, name: 'Some', description: '' },
				{ points: 4, name: 'Clear', description: '' },
			],
		},
		{
			id: 'close',
			name: 'Close',
			description: '',
			weight: 1,
			levels: [
				{ points: 0, name: 'None', description: '' },
				{ points: 4, name: 'Asked', description: '' },
			],
		},
	],
};

export const factsOf = (more: Partial<Facts> = {}): Facts => ({
	state: 'ready',
	note: '',
	duration_ms: 112_000,
	target_ms: 120_000,
	words: 260,
	speaking_ms: 105_000,
	words_per_minute: 148.4,
	pace_band: { low: 120, high: 165 },
	pauses: [{ start_ms: 12_000, end_ms: 14_100 }],
	fillers: { at_least: 2, known: true, at: [{ start_ms: 5_000, word: 'um' }] },
	must_say: [],
	must_not_say: [],
	low_confidence: false,
	definition: [],
	...more,
});

const at = '2026-11-22T09:00:00Z';

export const videoOf = (id: string, created_at = at): Video => ({
	id,
	title: 'Practice',
	author: { id: 'p', name: 'Ada' },
	kind: 'practice',
	audience: 'private',
	team_ids: [],
	tactics: [],
	tags: [],
	situation: {},
	description: '',
	complete_share: 90,
	created_at,
	updated_at: created_at,
	duration_ms: 112_000,
	width: 360,
	height: 640,
	size: 1,
	sha256: '',
	mine: true,
	media: {},
	state: 'ready',
	transcript_state: 'ready',
});

export const practiceOf = (id: string, more: Partial<Practice> = {}, created_at = at): Practice => ({
	video: videoOf(id, created_at),
	facts: factsOf(),
	submitted: false,
	goes_at: '2026-12-22T09:00:00Z',
	...more,
});

export const attemptOf = (more: Partial<Attempt> = {}): Attempt => ({
	id: 'a1',
	enrolment_id: 'e1',
	number: 1,
	person: { id: 'p', name: 'Ada' },
	programme: { id: 'g', name: 'Pitch' },
	state: 'waiting',
	submitted_at: at,
	swap_until: at,
	swappable: false,
	only_criteria: [],
	may: { acknowledge: false, dispute: false, swap: false, trail: true },
	...more,
});

export const enrolmentOf = (more: Partial<EnrolmentFull> = {}): EnrolmentFull => ({
	id: 'e1',
	programme: { id: 'g', name: 'Pitch', target_ms: 120_000, answer_types: ['camera'] },
	status: 'practising',
	overdue: false,
	attempts: 0,
	expiring: false,
	renewable: false,
	open: true,
	brief: '',
	attachments: [],
	rubric,
	pass: { kind: 'total', percent: 75, level: 0 },
	only_criteria: [],
	must_say: [],
	must_not_say: [],
	reviewers: 'Marco',
	peers: 'never',
	peers_open: false,
	practices: [],
	attempts_list: [],
	...more,
});
