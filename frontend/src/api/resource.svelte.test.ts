import { flushSync } from 'svelte';
import { expect, it } from 'vitest';
import { resource } from './resource.svelte.ts';

it('asks for nothing once its screen has gone, whatever ends after it', async () => {
	const asked: string[] = [];
	const params: { id?: string } = { id: 'one' };
	let refresh = () => Promise.resolve();
	const end = $effect.root(() => {
		const it = resource(async () => {
			asked.push(String(params.id));
		});
		refresh = it.refresh;
	});
	flushSync();
	await refresh();
	expect(asked).toEqual(['one', 'one']);
	delete params.id; // the next screen has other parameters
	end();
	await refresh();
	expect(asked).toEqual(['one', 'one']);
});
