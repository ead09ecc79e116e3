import { beforeEach, expect, it, type MockInstance, vi } from 'vitest';
import { api } from '../api/client.ts';
import { noAnswer, Problem } from '../api/problem.ts';
import { Keeping } from './keeping.svelte.ts';
import { watchHref } from './moment.ts';
import { Sending } from './sending.svelte.ts';

type Call = (path: string, init: { body: Record<string, unknown> }) => Promise<never>;
let post: MockInstance<Call>;
let del: MockInstance<Call>;
const moment = { start_ms: 1000, end_ms: 4000 };
const on = { video_id: 'v', ...moment };

/** What a call is answered with. */
const answers = (body: unknown) => ({ data: body, response: new Response(null, { status: 200 }) }) as never;
const bodies = () => post.mock.calls.map(([, { body }]) => body);
const person = (id: string) => ({ kind: 'person' as const, id, name: id, detail: '' });

beforeEach(() => {
	post = vi.spyOn(api, 'POST') as unknown as MockInstance<Call>;
	del = vi.spyOn(api, 'DELETE') as unknown as MockInstance<Call>;
});

it('keeps a moment, and keeps it no longer, by the id that the server gave', async () => {
	const keeping = new Keeping(() => ({ ...on, save_id: undefined }));
	post.mockResolvedValue(answers({ id: 's1' }));
	del.mockResolvedValue(answers(undefined));
	const first = keeping.toggle();
	expect(keeping.on).toBe(true); // at once
	expect(await first).toBeUndefined();
	expect(keeping.id).toBe('s1');
	await keeping.toggle();
	expect(keeping.on).toBe(false);
	expect(del.mock.calls[0]?.[1]).toMatchObject({ params: { path: { id: 's1' } } });
});

it('goes back to what it was where the server says no, and sends the same id again', async () => {
	const keeping = new Keeping(() => ({ ...on, save_id: undefined }));
	post.mockRejectedValueOnce(noAnswer());
	expect((await keeping.toggle())?.offline).toBe(true);
	expect(keeping.on).toBe(false);
	post.mockResolvedValue(answers({ id: 's1' }));
	await keeping.toggle();
	expect(bodies()[0]?.id).toBe(bodies()[1]?.id);
});

it('takes a save that is gone already for taken out', async () => {
	const keeping = new Keeping(() => ({ ...on, save_id: 's1' }));
	expect(keeping.on).toBe(true);
	del.mockRejectedValue(new Problem(404, 'not_found', 'gone'));
	expect(await keeping.toggle()).toBeUndefined();
	expect(keeping.on).toBe(false);
});

it('does nothing for a second press while the first is under way', async () => {
	const keeping = new Keeping(() => ({ ...on, save_id: undefined }));
	post.mockResolvedValue(answers({ id: 's1' }));
	await Promise.all([keeping.toggle(), keeping.toggle()]);
	expect(post).toHaveBeenCalledTimes(1);
	expect(keeping.on).toBe(true);
});

it('sends to each; who may not see it stays with the reason, the others are done', async () => {
	const sending = new Sending();
	sending.add(person('a'));
	sending.add(person('b'));
	sending.add(person('a'));
	sending.add({ kind: 'team', id: 'n', name: 'North', detail: '' });
	sending.message = ' Listen ';
	post.mockImplementation(((_: string, { body }: { body: { to_person_id?: string } }) =>
		body.to_person_id === 'b'
			? Promise.reject(new Problem(409, 'share_not_visible', 'no', { to_person_id: 'no' }))
			: Promise.resolve(answers(body.to_person_id ? {} : { may_not_see: 2 }))) as never);
	expect(await sending.send('v', moment)).toEqual({ names: ['a', 'North'], blind: [{ team: 'North', members: 2 }] });
	expect(sending.to.map(({ id, refused }) => [id, refused !== ''])).toEqual([['b', true]]);
	expect(bodies()[0]).toMatchObject({ ...on, to_person_id: 'a', message: 'Listen' });
	await sending.send('v', moment);
	expect(post).toHaveBeenCalledTimes(3); // nobody is asked again who was refused
});

it('sends the same share again after a lost answer', async () => {
	const sending = new Sending();
	sending.add(person('a'));
	post.mockRejectedValueOnce(noAnswer());
	await expect(sending.send('v', moment)).rejects.toThrow();
	post.mockResolvedValue(answers({}));
	await sending.send('v', moment);
	expect(bodies()[0]?.id).toBe(bodies()[1]?.id);
	expect(sending.to).toEqual([]);
});

it.each([
	[moment, '', '/watch/v?t=1000&end=4000'],
	[moment, 'search', '/watch/v?t=1000&end=4000&from=search'],
	[{ start_ms: 0, end_ms: 0 }, '', '/watch/v'],
])('%j from "%s" is %s', (stretch, from, want) => expect(watchHref('v', stretch, from)).toBe(want));
