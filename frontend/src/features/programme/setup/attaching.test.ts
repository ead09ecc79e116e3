import { expect, it, vi } from 'vitest';
import { Problem } from '../../../api/problem.ts';
import { Attaching } from './attaching.svelte.ts';
import { restEn } from './rest.en.ts';
import { type Kept, mostBytes, mostFiles, refusal, titleOf } from './sending.ts';

const words = restEn.attachments;
const pdf = (name = 'One pager.pdf') => new File(['%PDF-1.7'], name);
const kept = (id: string): Kept => ({ id, name: 'One pager.pdf', type: 'application/pdf', bytes: 8 });

it('makes a title out of a name', () => {
	expect(titleOf('One_pager__Q3.pdf')).toBe('One pager Q3');
	expect(titleOf('C:\\temp\\Price list.docx')).toBe('Price list');
	expect(titleOf('.pdf')).toBe('.pdf');
	expect(titleOf(`${'x'.repeat(300)}.pdf`)).toHaveLength(120);
});

it('sends nothing that is not worth it', () => {
	expect(refusal({ size: 0 })).toBe(words.empty);
	expect(refusal({ size: mostBytes + 1 })).toBe(words.large);
	expect(refusal({ size: mostBytes })).toBe('');
});

it('sends one after the other, and tells of each with its title', async () => {
	const arrived = vi.fn();
	const under: (() => void)[] = [];
	const send = vi.fn((_: string, id: string) => new Promise<Kept>((done) => under.push(() => done(kept(id)))));
	const attaching = new Attaching('p', arrived, send);
	attaching.take([pdf('First_one.pdf'), pdf('Second.pdf'), new File([], 'Nothing.txt')], 0);
	expect(attaching.coming.map((one) => one.problem)).toEqual(['', '', words.empty]);
	expect(send).toHaveBeenCalledTimes(1);
	under[0]?.();
	await vi.waitFor(() => expect(send).toHaveBeenCalledTimes(2));
	expect(attaching.busy).toBe(true);
	under[1]?.();
	await vi.waitFor(() => expect(arrived.mock.calls.map((call) => call[1])).toEqual(['First one', 'Second']));
	expect(attaching.busy).toBe(false);
	expect(attaching.coming.map((one) => one.name)).toEqual(['Nothing.txt']);
});

it('takes no more than fit', () => {
	const attaching = new Attaching('p', vi.fn(), () => new Promise(() => undefined));
	attaching.take([pdf(), pdf(), pdf()], mostFiles - 2);
	expect(attaching.coming.map((one) => one.problem)).toEqual(['', '', words.tooMany]);
});

it('tries again under the same id, but not what the server refuses', async () => {
	const arrived = vi.fn();
	const ids: string[] = [];
	const answers = [new Problem(0, 'offline', 'No answer.'), new Problem(422, 'file_type_unfit', 'This kind cannot.')];
	const send = vi.fn(async (_: string, id: string) => {
		ids.push(id);
		const problem = answers.shift();
		if (problem) throw problem;
		return kept(id);
	});
	const attaching = new Attaching('p', arrived, send);
	attaching.take([pdf()], 0);
	await vi.waitFor(() => expect(attaching.coming[0]).toMatchObject({ problem: 'No answer.', again: true }));
	attaching.take([pdf('Other.pdf')], 0);
	await vi.waitFor(() => expect(attaching.coming[1]).toMatchObject({ problem: 'This kind cannot.', again: false }));
	attaching.retry(ids[0] ?? '');
	await vi.waitFor(() => expect(arrived).toHaveBeenCalledTimes(1));
	expect(ids[2]).toBe(ids[0]);
});

it('breaks off what is dropped', async () => {
	const arrived = vi.fn();
	let signal: AbortSignal | undefined;
	const attaching = new Attaching('p', arrived, (_p, _id, _file, how) => {
		signal = how.signal;
		return new Promise((_, reject) =>
			how.signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError'))),
		);
	});
	attaching.take([pdf()], 0);
	attaching.stop();
	expect(signal?.aborted).toBe(true);
	expect(attaching.coming).toEqual([]);
	expect(arrived).not.toHaveBeenCalled();
});
