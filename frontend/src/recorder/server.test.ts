import { expect, it } from 'vitest';
import { type Creation, SameOrigin } from './server.ts';

/** What the server reads of an upload's metadata. */
async function metadata(more: Partial<Creation>): Promise<Record<string, string>> {
	let header = '';
	const server = new SameOrigin(async (_, init) => {
		header = new Headers(init?.headers).get('Upload-Metadata') ?? '';
		return new Response(null, { status: 201, headers: { Location: '/api/v1/uploads/u' } });
	});
	await server.create({ clientId: 'c', filename: 'take.mp4', title: 'A take', purpose: null, length: 3, ...more });
	return Object.fromEntries(header.split(',').map((pair) => pair.split(' ').map((p, i) => (i ? atob(p) : p))));
}

it('sends a take as a take', async () => {
	expect(await metadata({})).toEqual({ client_id: 'c', filename: 'take.mp4', title: 'A take', kind: 'take' });
});
it('names what a practice is for', async () => {
	expect(await metadata({ purpose: { kind: 'practice', for: 'e1' } })).toMatchObject({ kind: 'practice', for: 'e1' });
});
