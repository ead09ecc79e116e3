import { beforeEach, expect, it } from 'vitest';
import { forget, recent, remember } from './recent.ts';

beforeEach(() => localStorage.clear());

it('keeps the newest six, without what was typed on the way', () => {
	remember('half');
	remember('half the price');
	expect(recent()).toEqual(['half the price']);
	for (const n of [1, 2, 3, 4, 5, 6]) remember(`question ${n}`);
	expect(recent()).toHaveLength(6);
	expect(recent()[0]).toBe('question 6');
	expect(recent()).not.toContain('half the price');
	forget();
	expect(recent()).toEqual([]);
});

it('survives rubbish in the storage', () => {
	localStorage.setItem('fieldreel.asked', '{"a":');
	expect(recent()).toEqual([]);
	localStorage.setItem('fieldreel.asked', '[1,"two"]');
	expect(recent()).toEqual(['two']);
});
