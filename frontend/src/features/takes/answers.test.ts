import { beforeEach, expect, it, vi } from 'vitest';
import type { Take } from '../../recorder/state.ts';
import { toasts } from '../../ui/toast.svelte.ts';
import { Answers } from './answers.ts';

const asked = { id: 'ask-1', name: 'Ben', text: 'How do you begin?' };
const take = (more: Partial<Take>) =>
	({ id: 't1', title: 'So', phase: 'sent', videoId: 'v1', details: null, ...more }) as Take;
const said = () => toasts.list.at(-1);

beforeEach(() => {
	localStorage.clear();
	for (const one of [...toasts.list]) toasts.drop(one.id);
});

it('answers once, when the take has arrived and its audience is told', async () => {
	const give = vi.fn(async () => undefined);
	const answers = new Answers(give);
	answers.expect('t1', asked);
	answers.follow([take({ phase: 'sending', videoId: null })]);
	answers.follow([take({ details: { audience: 'team' } })]);
	answers.follow([take({ id: 'another' })]);
	expect(give).not.toHaveBeenCalled();
	answers.follow([take({})]);
	answers.follow([take({})]);
	expect(give).toHaveBeenCalledExactlyOnceWith('ask-1', 'v1');
	await vi.waitFor(() => expect(said()?.words).toBe('Ben has your answer'));
});

it('still knows after a reload what a take answers', () => {
	new Answers(async () => undefined).expect('t1', asked);
	const give = vi.fn(async () => undefined);
	new Answers(give).follow([take({})]);
	expect(give).toHaveBeenCalledOnce();
});

it('offers the audience that would do where the asker may not see it', async () => {
	const answers = new Answers(async () => 'everyone');
	answers.expect('t1', asked);
	answers.follow([take({})]);
	await vi.waitFor(() => expect(said()?.words).toBe('Ben may not see “So” yet.'));
	expect(said()?.action?.label).toBe('Share with everyone and answer');
});

it('says what went wrong, and tries again when asked', async () => {
	const give = vi.fn().mockRejectedValueOnce(new TypeError('away')).mockResolvedValue(undefined);
	const answers = new Answers(give);
	answers.expect('t1', asked);
	answers.follow([take({})]);
	await vi.waitFor(() => expect(said()?.kind).toBe('problem'));
	said()?.action?.run();
	await vi.waitFor(() => expect(said()?.words).toBe('Ben has your answer'));
	expect(give).toHaveBeenCalledTimes(2);
});

it('lives with rubbish in the storage', () => {
	localStorage.setItem('fieldreel.answers', '[');
	expect(() => new Answers().follow([take({})])).not.toThrow();
});
