import { expect, it } from 'vitest';
import { bytes } from './bytes.ts';

it('writes sizes', () => {
	expect(bytes(999)).toBe('999 B');
	expect(bytes(3_440_000)).toBe('3.4 MB');
});
