// What paths of taking part have in common: a programme that stands, a take for it, and what a reviewer says of it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type Company, data, type Person, type Schemas } from './company.ts';
import { until } from './wait.ts';

const at = (id: string) => ({ params: { path: { id } } });

/** A rubric of two criteria: one that counts twice, with three levels, and one with two. */
export function rubric(trainer: Person, name: string): Promise<Schemas['RubricDTO']> {
	const level = (points: number, title: string, description: string) => ({ points, name: title, description });
	const criteria = [
		{
			name: 'Starts small',
			description: 'The first step is one that a team can take this week.',
			weight: 2,
			levels: [
				level(0, 'Not there', 'No first step is named.'),
				level(2, 'Named', 'A first step, without who takes it.'),
				level(4, 'Theirs', 'One team, by name.'),
			],
		},
		{
			name: 'Says when',
			description: '',
			weight: 1,
			levels: [level(0, 'Open end', 'No date.'), level(4, 'Dated', 'A date or a number of weeks.')],
		},
	];
	return data(trainer.api.POST('/api/v1/rubrics', { body: { id: randomUUID(), name, criteria } }));
}

/** An open programme of what all have in common and of `body`. */
export async function launch(
	trainer: Person,
	body: Partial<Schemas['MakeProgrammeRequestBody']> & { name: string; rubric_version_id: string },
): Promise<Schemas['ProgrammeDTO']> {
	const made = await data(
		trainer.api.POST('/api/v1/programmes', {
			body: {
				id: randomUUID(),
				brief: 'They say the rollout takes too long. Answer as you would on the phone, and end with a date.',
				target_ms: 8_000,
				answer_types: ['camera', 'file'],
				due: { kind: 'days', days: 3 },
				attempts_max: 3,
				wait_hours: 0,
				pass: { kind: 'total', percent: 75, level: 1 },
				reviewers: { kind: 'manager' },
				...body,
			},
		}),
	);
	return data(trainer.api.POST('/api/v1/programmes/{id}/open', at(made.id)));
}

/** One's own part in a programme, once it is there. */
export const enrolment = (rep: Person, programme: string): Promise<Schemas['EnrolmentDTO']> =>
	until('the enrolment', async () =>
		(await data(rep.api.GET('/api/v1/enrolments'))).items.find((one) => one.programme.id === programme),
	);

/** Sends a file as a practice for an enrolment, as the recorder does; gives the video. */
export async function sendPractice(company: Company, rep: Person, enrolmentId: string, file: string): Promise<string> {
	const bytes = await readFile(file);
	const base64 = (text: string) => Buffer.from(text).toString('base64');
	const headers = { cookie: rep.cookie, 'Tus-Resumable': '1.0.0' };
	const meta = { filename: 'take.mp4', title: 'Practice', kind: 'practice', for: enrolmentId };
	const made = await fetch(`${company.site.base}/api/v1/uploads`, {
		method: 'POST',
		headers: {
			...headers,
			'Upload-Length': String(bytes.length),
			'Upload-Metadata': Object.entries(meta)
				.map(([key, value]) => `${key} ${base64(value)}`)
				.join(','),
		},
	});
	assert.equal(made.status, 201, await made.clone().text());
	const place = new URL(made.headers.get('Location') ?? '', company.site.base);
	const sent = await fetch(place, {
		method: 'PATCH',
		headers: { ...headers, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
		body: bytes,
	});
	assert.equal(sent.status, 204);
	const { video_id = '' } = (await (await fetch(`${place}/receipt`, { headers })).json()) as Schemas['ReceiptDTO'];
	return video_id;
}

/** Sends a file as a practice; gives the video once it plays. */
export async function practise(company: Company, rep: Person, enrolmentId: string, file: string): Promise<string> {
	const video_id = await sendPractice(company, rep, enrolmentId, file);
	await until('it plays', async () => {
		const { state } = await data(rep.api.GET('/api/v1/videos/{id}', at(video_id)));
		return state !== 'processing';
	});
	return video_id;
}

/** A practice that is submitted at once. */
export async function submit(company: Company, rep: Person, programme: string, file: string) {
	const part = await enrolment(rep, programme);
	const video_id = await practise(company, rep, part.id, file);
	const body = { id: randomUUID(), video_id };
	return data(rep.api.POST('/api/v1/enrolments/{id}/attempts', { ...at(part.id), body }));
}

interface Said {
	/** The level of each criterion that is looked at, in their order. */
	readonly levels: readonly number[];
	readonly decision: 'pass' | 'retry';
	readonly message?: string;
	readonly notes?: readonly { at_ms: number; kind: 'good' | 'work' | 'question'; text: string }[];
}

/** A review of the attempt, sent over the API; where it is to be tried again, on the last criterion. */
export async function review(reviewer: Person, attempt: string, said: Said): Promise<void> {
	const item = await until('the review', async () => {
		const query = { box: 'mine' } as const;
		const { items } = await data(reviewer.api.GET('/api/v1/reviews', { params: { query } }));
		return items.find((one) => one.attempt.id === attempt);
	});
	const version = await data(reviewer.api.GET('/api/v1/reviews/{id}', at(item.id)));
	const { only_criteria: only } = version;
	const asked = version.rubric.criteria.filter(({ id }) => only.length === 0 || only.includes(id));
	await data(
		reviewer.api.POST('/api/v1/reviews/{id}/send', {
			...at(item.id),
			body: {
				levels: Object.fromEntries(asked.map(({ id }, i) => [id, said.levels[i] ?? 1])),
				notes: (said.notes ?? []).map((note) => ({ id: randomUUID(), voice: false, ...note })),
				decision: said.decision,
				retry_criteria: said.decision === 'retry' ? asked.slice(-1).map(({ id }) => id) : [],
				message: said.message ?? 'Thank you.',
			},
		}),
	);
}
