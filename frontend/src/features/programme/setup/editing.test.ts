import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../../api/problem.ts';
import { Editing, type Kept, rest, type Server } from './editing.svelte.ts';
import type { Body } from './setup.ts';

const start: Kept = {
	id: 'p',
	version: 1,
	state: 'draft',
	name: 'Price',
	brief: '',
	attachments: [],
	target_ms: 0,
	answer_types: ['camera'],
	rules: [],
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
};

/** A server with one programme, which somebody else may change by `other`. */
class Fake implements Server<Kept> {
	now = start;
	readonly sent: Body[] = [];
	refuse: Problem | undefined;
	/** Done before the next answer, as if one typed meanwhile. */
	meanwhile: (() => void) | undefined;

	other(change: Partial<Kept>): void {
		this.now = { ...this.now, ...change, version: this.now.version + 1 };
	}
	async load(): Promise<Kept> {
		return this.now;
	}
	async patch(version: number, body: Body): Promise<Kept> {
		this.meanwhile?.();
		this.meanwhile = undefined;
		if (this.refuse) throw this.refuse;
		if (version !== this.now.version) throw new Problem(409, 'programme_changed', 'Changed.');
		this.sent.push(body);
		const { reviewers: _, model: __, rubric_version_id: ___, ...plain } = body; // those the tests do not send
		this.other(plain as Partial<Kept>);
		return this.now;
	}
}
let server: Fake;
const editing = (state: Kept['state'] = 'draft') => {
	server.now = { ...start, state };
	return new Editing(server.now, server);
};

beforeEach(() => {
	vi.useFakeTimers();
	server = new Fake();
});
afterEach(() => vi.useRealTimers());

describe('a draft', () => {
	it('saves itself once typing rests, and only what is otherwise', async () => {
		const one = editing();
		one.setup.brief = 'They';
		one.touched();
		await vi.advanceTimersByTimeAsync(rest / 2);
		one.setup.brief = 'They say it is too much.';
		one.touched();
		await vi.advanceTimersByTimeAsync(rest - 1);
		expect(server.sent).toEqual([]);
		await vi.advanceTimersByTimeAsync(1);
		expect(server.sent).toEqual([{ brief: 'They say it is too much.' }]);
		expect(one.changed).toEqual([]);
		expect(one.programme.version).toBe(2);
	});
	it('keeps what was typed while it was being saved, and saves it next', async () => {
		const one = editing();
		one.setup.brief = 'They';
		server.meanwhile = () => (one.setup.brief = 'They say');
		await one.save();
		expect(one.setup.brief).toBe('They say');
		expect(one.changed).toEqual(['brief']);
		await vi.advanceTimersByTimeAsync(rest);
		expect(server.sent.at(-1)).toEqual({ brief: 'They say' });
	});
	it('does not take the blank at the end from under one’s fingers', async () => {
		const one = editing();
		one.setup.brief = 'They ';
		await one.save();
		expect(server.sent).toEqual([{ brief: 'They' }]);
		expect(one.setup.brief).toBe('They ');
	});
	it('holds back what cannot be saved, and saves the rest', async () => {
		const one = editing();
		one.setup.brief = 'New';
		one.setup.reviewers = { kind: 'named', person_ids: [] };
		expect(one.held).toEqual(['reviewers']);
		expect(await one.save()).toBe(false);
		expect(server.sent).toEqual([{ brief: 'New' }]);
		expect(one.changed).toEqual(['reviewers']);
		expect(one.setup.reviewers.kind).toBe('named');
		await vi.advanceTimersByTimeAsync(10 * rest);
		expect(server.sent).toHaveLength(1); // nor is it tried again and again
	});
	it('is saved at once when the page is left', async () => {
		const one = editing();
		one.setup.brief = 'New';
		one.flush();
		await vi.advanceTimersByTimeAsync(0);
		expect(server.sent).toHaveLength(1);
	});
});

describe('what people take part in already', () => {
	it('is saved when asked only', async () => {
		const one = editing('open');
		one.setup.wait_hours = 24;
		one.touched();
		await vi.advanceTimersByTimeAsync(10 * rest);
		one.flush();
		expect(server.sent).toEqual([]);
		expect(await one.save()).toBe(true);
		expect(server.sent).toEqual([{ wait_hours: 24 }]);
	});
	it('can be taken back, and that, too', () => {
		const one = editing('open');
		one.setup.wait_hours = 24;
		const again = one.discard();
		expect(one.changed).toEqual([]);
		again();
		expect(one.changed).toEqual(['wait_hours']);
	});
	it('goes on with one’s changes when it is closed meanwhile by oneself', () => {
		const one = editing('open');
		one.setup.wait_hours = 24;
		one.took({ ...start, state: 'closed', version: 2 });
		expect(one.changed).toEqual(['wait_hours']);
		expect(one.programme.state).toBe('closed');
	});
});

describe('when somebody else has changed it', () => {
	it('takes theirs in, and saves one’s own on top', async () => {
		const one = editing();
		one.setup.brief = 'Mine';
		server.other({ wait_hours: 24 });
		await one.save();
		expect(one.taken).toEqual(['wait_hours']);
		expect(one.setup).toMatchObject({ brief: 'Mine', wait_hours: 24 });
		await vi.advanceTimersByTimeAsync(rest);
		expect(server.now).toMatchObject({ brief: 'Mine', wait_hours: 24 });
	});
	it('asks where both changed the same, and saves nothing of it before', async () => {
		const one = editing();
		one.setup.brief = 'Mine';
		server.other({ brief: 'Theirs' });
		await one.save();
		expect(one.conflicts).toEqual(['brief']);
		await vi.advanceTimersByTimeAsync(10 * rest);
		expect(server.now.brief).toBe('Theirs');
		one.choose('brief', true);
		await vi.advanceTimersByTimeAsync(rest);
		expect(server.now.brief).toBe('Mine');
	});
	it('takes theirs where one says so', async () => {
		const one = editing('open');
		one.setup.brief = 'Mine';
		server.other({ brief: 'Theirs' });
		expect(await one.save()).toBe(false);
		one.choose('brief', false);
		expect(one.setup.brief).toBe('Theirs');
		expect(one.changed).toEqual([]);
	});
});

it('what the server refuses stands at its field until it is otherwise', async () => {
	const one = editing();
	server.refuse = new Problem(422, 'team_not_found', 'There is no such team.', { 'rules[0].team_id': 'No such team.' });
	one.setup.rules = [{ team_id: 't9' }];
	one.setup.wait_hours = 24;
	expect(await one.save()).toBe(false);
	expect(one.wrong.get('rules[0].team_id')).toBe('No such team.');
	expect(one.held).toEqual(['rules']);
	server.refuse = undefined;
	await vi.advanceTimersByTimeAsync(10 * rest);
	expect(server.sent).toEqual([{ wait_hours: 24 }]); // the rest alone
	expect(one.wrong.get('rules[0].team_id')).toBe('No such team.');
	one.setup.rules = [{ team_id: 't1' }];
	one.touched();
	await vi.advanceTimersByTimeAsync(rest);
	expect(server.sent.at(-1)).toEqual({ rules: [{ team_id: 't1' }] });
});
