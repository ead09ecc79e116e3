import { describe, expect, it } from 'vitest';
import { occasionOf } from './occasion.ts';

const read = (search: string) => {
	const params = new URLSearchParams(search);
	return occasionOf((name) => params.get(name) ?? '');
};

describe('what the camera was opened for', () => {
	it('is nothing but a take where the address does not say', () => {
		expect(read('')).toBeUndefined();
		expect(read('kind=practice')).toBeUndefined();
		expect(read('kind=take&for=e1')).toBeUndefined();
	});
	it('is a practice, with its length and where to go on', () => {
		expect(read('kind=practice&for=e1&target=120000&types=screen,camera&back=/certify/e1?x=1')).toMatchObject({
			purpose: { kind: 'practice', for: 'e1' },
			targetMs: 120_000,
			types: ['camera', 'screen'],
			back: '/certify/e1?x=1',
		});
	});
	it('allows everything where no type is named that we know', () => {
		expect(read('kind=reply&for=r1&types=smell')?.types).toEqual(['camera', 'screen', 'file']);
	});
	it.each(['', 'https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)'])(
		'goes nowhere else than into the client: %s',
		(back) => expect(read(`kind=practice&for=e1&back=${encodeURIComponent(back)}`)?.back).toBe('/'),
	);
	it.each(['-1', 'x', 'Infinity', ''])('aims at no length that makes no sense: %s', (target) => {
		expect(read(`kind=practice&for=e1&target=${target}`)?.targetMs).toBe(0);
	});
});
