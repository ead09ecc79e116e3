import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { toasts } from './toast.svelte.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => {
	vi.runAllTimers();
	vi.useRealTimers();
});
const said = () => toasts.list.map(({ words }) => words);

it('a newer word takes the place of an older one', () => {
	toasts.say('Sent');
	toasts.say('Taken back');
	expect(said()).toEqual(['Taken back']);
	vi.advanceTimersByTime(6_000);
	expect(said()).toEqual([]);
});

it('what can be undone and what went wrong stays beside it, three at most', () => {
	const action = { label: 'Undo', run: () => undefined };
	toasts.say('Deleted A', { action });
	toasts.say('No sound', { kind: 'problem' });
	toasts.say('Saved');
	expect(said()).toEqual(['Deleted A', 'No sound', 'Saved']);
	toasts.say('Deleted B', { action });
	toasts.say('Deleted C', { action });
	expect(said()).toEqual(['No sound', 'Deleted B', 'Deleted C']);
	vi.advanceTimersByTime(12_000);
	expect(said()).toEqual([]);
});
