import { expect, it } from 'vitest';
import { money } from './money.ts';

it('writes money', () => {
	expect(money(1200, 'EUR')).toContain('1,200');
	expect(money(1200, 'not a currency')).toBe('1,200 not a currency');
});
