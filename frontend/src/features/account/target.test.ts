import { expect, it } from 'vitest';
import { safeTarget } from './target.ts';

it.each([
	['/watch/1?t=2', '/watch/1?t=2'],
	['', '/'],
	['https://evil.example/', '/'],
	['//evil.example/', '/'],
	['/\\evil.example', '/'],
	['javascript:alert(1)', '/'],
	['/signin?to=/signin', '/'],
])('%s leads to %s', (to, want) => expect(safeTarget(to)).toBe(want));
