import type { Field } from './setup.ts';

const parts: Readonly<Record<Field, string>> = {
	name: 'part-what',
	brief: 'part-what',
	target_ms: 'part-what',
	answer_types: 'part-what',
	model: 'part-model',
	attachments: 'part-attachments',
	rubric_version_id: 'part-rubric',
	pass: 'part-rubric',
	rules: 'part-who',
	due: 'part-due',
	reviewers: 'part-reviewers',
	second_share: 'part-reviewers',
	second_distance: 'part-reviewers',
	attempts_max: 'part-attempts',
	wait_hours: 'part-attempts',
	valid_days: 'part-valid',
	renew_days: 'part-valid',
	peers: 'part-peers',
	must_say: 'part-phrases',
	must_not_say: 'part-phrases',
};

/** The part of the page where a field stands; the first for what nobody knows. */
export const partOf = (field: Field): string => parts[field] ?? 'part-what';
