import { expect, it, vi } from 'vitest';
import { ahead } from './ahead.svelte.ts';
import { calls } from './calls.ts';
import type { Item, Review } from './types.ts';

/** A review as far as it is looked at here: without its take, which nobody has yet or which is not one's own. */
const review = (id: string, send: boolean) =>
	({ id, attempt: {}, may: { send, claim: !send, release: false, reassign: false } }) as unknown as Review;

it('gives what it has fetched, once', async () => {
	const asked = vi.spyOn(calls, 'review').mockImplementation(async (id) => review(id, true));
	ahead.set({ id: 'a' } as Item);
	expect((await ahead.take('a'))?.id).toBe('a');
	expect(await ahead.take('a')).toBeUndefined();
	expect(asked).toHaveBeenCalledOnce();
});

it('gives nothing that one could not write to when it was fetched: one may have taken it on since', async () => {
	vi.spyOn(calls, 'review').mockImplementation(async (id) => review(id, false));
	ahead.set({ id: 'b' } as Item);
	expect(await ahead.take('b')).toBeUndefined();
});
