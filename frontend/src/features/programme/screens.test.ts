import { cleanup, configure, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { session } from '../../api/me.svelte.ts';
import Numbers from './numbers/Numbers.svelte';
import Rubric from './rubric/Rubric.svelte';
import { starter } from './rubric/starter.ts';
import Edit from './setup/Edit.svelte';

// The client takes the browser's fetch when it is made.
const server = vi.hoisted(() => {
	const answer = { to: (_: Request): Promise<Response> => Promise.reject(new Error('no server yet')) };
	globalThis.fetch = (request) => answer.to(request as Request);
	return answer;
});

const programme = {
	id: 'p1',
	version: 3,
	state: 'draft',
	name: 'Price',
	brief: 'They say it is too much.',
	attachments: [],
	target_ms: 0,
	answer_types: ['camera'],
	rules: [{ team: { id: 't1', name: 'North' }, role: 'rep', new_within_days: 0 }],
	due: { kind: 'none' },
	attempts_max: 0,
	wait_hours: 0,
	pass: { kind: 'total', percent: 70, level: 3 },
	reviewers: { kind: 'manager', people: [] },
	second_share: 0,
	second_distance: 15,
	valid_days: 0,
	renew_days: 0,
	peers: 'never',
	must_say: [],
	must_not_say: [],
	rubric: { id: 'r1', name: 'Pitch', version: 1, version_id: 'v1', current_version: 2 },
	created_at: '2026-11-22T05:00:00Z',
	updated_at: '2026-11-22T05:00:00Z',
	participants: 1,
	missing: [],
	may: { edit: true, numbers: true },
};
const criteria = starter().map(({ name, description, weight, levels }, i) => ({
	id: `c${i}`,
	name,
	description,
	weight: Number(weight),
	levels: levels.map((level) => ({ ...level, points: Number(level.points) })),
}));
const version = { id: 'v1', rubric_id: 'r1', number: 1, criteria, created_at: '2026-11-22T05:00:00Z' };
const counts = {
	people: 2,
	not_started: 1,
	submitted: 0,
	waiting_reviews: 0,
	passed: 1,
	retry: 0,
	failed: 0,
	overdue: 0,
	expiring: 0,
};
const answers: Record<string, unknown> = {
	'GET /api/v1/programmes/p1': programme,
	'GET /api/v1/rubrics': {
		items: [{ id: 'r1', name: 'Pitch', archived: false, version: 2, version_id: 'v2', criteria: 5, used_by: 1 }],
	},
	'GET /api/v1/rubrics/r1': {
		id: 'r1',
		name: 'Pitch',
		archived: false,
		current: version,
		versions: [version],
		used_by: [],
	},
	'GET /api/v1/rubrics/r1/versions/1': version,
	'GET /api/v1/rubrics/r1/trend': { definition: 'D.', as_of: '2026-11-22T05:00:00Z', lines: [] },
	'GET /api/v1/teams': { items: [{ id: 't1', name: 'North', manager_ids: [], member_ids: [] }] },
	'POST /api/v1/programmes/preview': { count: 1, people: [{ id: 'u', name: 'Ulla' }], without_reviewer: [] },
	'GET /api/v1/programmes/p2': { ...programme, id: 'p2', state: 'open' },
	'GET /api/v1/programmes/p2/numbers': {
		definition: ['Passed: the last result.'],
		as_of: '2026-11-22T05:00:00Z',
		filters: {},
		total: counts,
		teams: [{ team: { id: 't1', name: 'North' }, counts }, { counts }],
		first_attempt: { n: 1, mean_score: 40, pass_share: 0 },
		last_attempt: { n: 1, mean_score: 90, pass_share: 1 },
		missed: [{ criterion_id: 'c1', name: 'Proof', n: 1, below_share: 1, mean_share: 0.4 }],
		review_time: { n: 1, median_hours: 3, p90_hours: 5 },
		disputes: { open: 0, changed: 0, stands: 0 },
	},
	'GET /api/v1/programmes/p2/participants': {
		items: [
			{
				enrolment_id: 'e1',
				person: { id: 'u', name: 'Ulla Brandt' },
				status: 'passed',
				overdue: false,
				expiring: false,
				attempts: 2,
				extra_attempts: 0,
				last_score: 90,
				last_decision: 'pass',
			},
		],
	},
	'GET /api/v1/programmes/p2/rescore': {
		items: [{ attempt_id: 'a1', person: { id: 'u', name: 'Ulla Brandt' }, number: 2, version: 1, score: 90 }],
	},
};
configure({ asyncUtilTimeout: 20_000 }); // parts of a screen are fetched when it is shown, on a shared machine
let sent: { path: string; body: unknown }[] = [];

beforeEach(() => {
	localStorage.clear();
	sent = [];
	session.me = { person: { id: 'tara', name: 'Tara', roles: ['trainer'], active: true, following: false } } as never;
	session.state = 'in';
	server.to = async (request) => {
		const path = `${request.method} ${new URL(request.url).pathname}`;
		if (request.method === 'PATCH') {
			const body = JSON.parse(await request.text());
			sent.push({ path, body });
			return Response.json({ ...programme, ...body, version: programme.version + 1 });
		}
		const body = answers[path];
		return body ? Response.json(body) : Response.json({ title: `No ${path}`, status: 404 }, { status: 404 });
	};
});
afterEach(cleanup);

describe('the screens', () => {
	it('a draft shows its parts, says what is decided, and saves itself', async () => {
		render(Edit, { id: 'p1' });
		const brief = await screen.findByLabelText<HTMLTextAreaElement>('Brief');
		await screen.findByText('Reps in North and teams below');
		await screen.findByText('1 person fits now');
		await screen.findByText('This programme goes by version 1; version 2 is newer.');
		await screen.findByText('as many attempts as needed, no wait in between');
		await screen.findByText('Ready to open');
		brief.value = 'They say it costs too much.';
		brief.dispatchEvent(new Event('input', { bubbles: true }));
		await waitFor(
			() =>
				expect(sent).toEqual([
					{ path: 'PATCH /api/v1/programmes/p1', body: { version: 3, brief: 'They say it costs too much.' } },
				]),
			{ timeout: 20_000 },
		);
	});

	it('the numbers have who stands how, what is missed, and what is to score again', async () => {
		render(Numbers, { id: 'p2' });
		await screen.findByText('Ulla Brandt');
		await screen.findByRole('button', { name: 'Passed: 1. Show them below' });
		await screen.findByRole('rowheader', { name: 'Proof' });
		await screen.findByLabelText(/Ulla Brandt, attempt 2/);
		await screen.findByText('Passed: the last result.');
		await screen.findByText('In no team');
	});

	it('a programme that was opened a moment ago fills while one looks', async () => {
		const at = '2026-11-22T05:00:00Z';
		const before = server.to;
		let asked = 0;
		server.to = async (request) => {
			const path = new URL(request.url).pathname.replace('/p3', '/p2');
			const answer = answers[`GET ${path}`] as Record<string, unknown>;
			// The work on who takes part comes after the first look.
			if (path.endsWith('/p2')) return Response.json({ ...answer, id: 'p3', opened_at: at });
			if (path.endsWith('/participants') && asked < 2) return Response.json({ items: [] });
			if (path.endsWith('/numbers') && ++asked < 2)
				return Response.json({ ...answer, as_of: at, total: { ...counts, people: 0, passed: 0, not_started: 0 } });
			return before(new Request(request.url.replace('/p3', '/p2')));
		};
		render(Numbers, { id: 'p3' });
		await screen.findByText('Ulla Brandt');
		await screen.findByRole('button', { name: 'Passed: 1. Show them below' });
	});

	it('a rubric opens to be edited, and keeps what is typed in this browser', async () => {
		render(Rubric, { id: 'r1' });
		const name = await screen.findByLabelText<HTMLInputElement>('Name of the rubric');
		expect(name.value).toBe('Pitch');
		await screen.findByRole('button', { name: /^Opening/ });
		await screen.findByText('No programme uses it yet.');
		name.value = 'Pitch, short';
		name.dispatchEvent(new Event('input', { bubbles: true }));
		await screen.findByRole('button', { name: 'Save the name' });
		await waitFor(() => expect(localStorage.getItem('fieldreel.rubric.r1')).toContain('Pitch, short'), {
			timeout: 5000,
		});
	});
});
