// What paths of reviewing have in common: a programme that stands, a take that is handed in, a review that is made.
import { randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import type { Device } from './browser.ts';
import { data, type Person, type Schemas } from './company.ts';
import type { Stage } from './spec.ts';
import { practise } from './taking.ts';
import { shows, until } from './wait.ts';

const levels = ['Not there', 'Begun', 'Solid', 'A model for others'];

/** A rubric of these criteria, each of four levels, from "Not there" to "A model for others". */
export function rubric(trainer: Person, name: string, criteria: string[]): Promise<Schemas['RubricDTO']> {
	const of = (criterion: string) => ({
		name: criterion,
		description: `How it goes with ${criterion.toLowerCase()}, as one can see it.`,
		weight: 1,
		levels: levels.map((level, points) => ({
			points,
			name: level,
			description: `${criterion}: ${level.toLowerCase()}, as anybody can see.`,
		})),
	});
	return data(trainer.api.POST('/api/v1/rubrics', { body: { id: randomUUID(), name, criteria: criteria.map(of) } }));
}

/** A programme that is open, of what all have in common and of `body`. */
export async function programme(trainer: Person, body: Schemas['MakeProgrammeRequestBody']): Promise<string> {
	const { id } = await data(
		trainer.api.POST('/api/v1/programmes', {
			body: {
				id: randomUUID(),
				brief: 'They say it is too expensive. Answer as you would on the phone.',
				target_ms: 60_000,
				answer_types: ['camera', 'file'],
				due: { kind: 'days', days: 3 },
				attempts_max: 3,
				wait_hours: 0,
				pass: { kind: 'total', percent: 60, level: 1 },
				...body,
			},
		}),
	);
	await data(trainer.api.POST('/api/v1/programmes/{id}/open', { params: { path: { id } } }));
	return id;
}

/** Sends a file as a practice and hands it in as soon as it plays, as the recorder and the screen after it do. */
export async function handIn(stage: Stage, rep: Person, path: string): Promise<Schemas['AttemptDTO']> {
	const part = await until('the enrolment', async () => (await data(rep.api.GET('/api/v1/enrolments'))).items[0]);
	const video_id = await practise(stage.company, rep, part.id, path);
	return data(
		rep.api.POST('/api/v1/enrolments/{id}/attempts', {
			params: { path: { id: part.id } },
			body: { id: randomUUID(), video_id },
		}),
	);
}

/** What waits for somebody, as they would see it in a box of the queue. */
export const waiting = async (who: Person, box: 'mine' | 'pool' | 'team' = 'mine') =>
	(await data(who.api.GET('/api/v1/reviews', { params: { query: { box } } }))).items;

export const attemptAs = (who: Person, id: string) =>
	data(who.api.GET('/api/v1/attempts/{id}', { params: { path: { id } } }));

/** Sends a review of somebody's attempt behind the scenes: one level for each criterion, and a message. */
export async function send(
	who: Person,
	attempt: string,
	level: number,
	decision: 'pass' | 'retry' | 'fail',
	message: string,
): Promise<void> {
	const item = await until('the review', async () => (await waiting(who)).find((one) => one.attempt.id === attempt));
	const path = { id: item.id };
	const { rubric: version } = await data(who.api.GET('/api/v1/reviews/{id}', { params: { path } }));
	const ids = version.criteria.map(({ id }) => id);
	await data(
		who.api.POST('/api/v1/reviews/{id}/send', {
			params: { path },
			body: {
				levels: Object.fromEntries(ids.map((id) => [id, level])),
				notes: [{ id: randomUUID(), at_ms: 1000, kind: 'work', text: `${message} (a note)`, voice: false }],
				decision,
				retry_criteria: decision === 'retry' ? ids : [],
				message,
			},
		}),
	);
}

/** Makes the review that is open in the workplace, by keys on a desk and by thumb on a phone, and sends it. */
export async function reviewHere(page: Page, device: Device, chosen: number[], decision: 'Pass' | 'Retry' | 'Fail') {
	const decide = page.getByRole('button', { name: decision, exact: device !== 'desktop' });
	if (device === 'desktop') {
		await shows(decide);
		for (const level of chosen) await page.keyboard.press(String(level));
		await page.keyboard.press(decision.charAt(0).toLowerCase());
		await page.keyboard.press('Control+Enter');
		return;
	}
	for (const level of chosen)
		await page.getByRole('button', { name: new RegExp(`^${level} ${levels[level - 1]}`) }).click();
	await decide.click();
	await page.getByRole('button', { name: /^Send/ }).click();
}
