import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import Combobox from './Combobox.svelte';

afterEach(cleanup);

const people = ['Amara', 'Amir', 'Björn'];
function mount(more: Record<string, unknown> = {}) {
	const onpick = vi.fn();
	render(Combobox<string>, {
		label: 'To',
		search: (words: string) => people.filter((one) => one.toLowerCase().startsWith(words.toLowerCase())),
		name: (one: string) => one,
		key: (one: string) => one,
		onpick,
		...more,
	});
	return { onpick, box: screen.getByRole<HTMLInputElement>('combobox', { name: 'To' }) };
}
const active = (box: HTMLElement) =>
	document.getElementById(box.getAttribute('aria-activedescendant') ?? '')?.textContent?.trim();

it('opens with what fits, and the keys go round', async () => {
	const { box, onpick } = mount();
	await fireEvent.input(box, { target: { value: 'am' } });
	await screen.findByRole('option', { name: 'Amir' });
	expect(box.getAttribute('aria-expanded')).toBe('true');
	expect(active(box)).toBe('Amara');
	await fireEvent.keyDown(box, { key: 'ArrowUp' });
	expect(active(box)).toBe('Amir');
	await fireEvent.keyDown(box, { key: 'ArrowDown' });
	expect(active(box)).toBe('Amara');
	await fireEvent.keyDown(box, { key: 'Enter' });
	expect(onpick).toHaveBeenCalledExactlyOnceWith('Amara');
	expect(box.value).toBe('');
	expect(box.getAttribute('aria-expanded')).toBe('false');
});

it('lets Enter send the form while nothing is chosen', async () => {
	const { box, onpick } = mount();
	await fireEvent.focus(box);
	await screen.findByRole('option', { name: 'Amara' });
	expect(await fireEvent.keyDown(box, { key: 'Enter' })).toBe(true);
	expect(onpick).not.toHaveBeenCalled();
});

it('closes with Escape, and not what it stands in', async () => {
	const { box } = mount();
	const outside = vi.fn();
	document.addEventListener('keydown', outside);
	await fireEvent.focus(box);
	await screen.findByRole('option', { name: 'Amara' });
	await fireEvent.keyDown(box, { key: 'Escape' });
	expect(box.getAttribute('aria-expanded')).toBe('false');
	expect(outside).not.toHaveBeenCalled();
	await fireEvent.keyDown(box, { key: 'Escape' });
	expect(outside).toHaveBeenCalledOnce();
	document.removeEventListener('keydown', outside);
});

it('keeps no words that were not picked from', async () => {
	const { box, onpick } = mount();
	await fireEvent.input(box, { target: { value: 'Am' } });
	await fireEvent.blur(box);
	expect(box.value).toBe('');
	expect(onpick).not.toHaveBeenCalled();
});

it('takes words that no option has, where it may', async () => {
	const onwords = vi.fn();
	const { box } = mount({ onwords });
	await fireEvent.input(box, { target: { value: ' Zoe ' } });
	await screen.findByText('Press Enter to take “Zoe”');
	await fireEvent.keyDown(box, { key: 'Enter' });
	expect(onwords).toHaveBeenCalledExactlyOnceWith('Zoe');
});

it('shows the answer to the last words, whichever comes last', async () => {
	const late = new Map<string, (found: string[]) => void>();
	const { box } = mount({ search: (words: string) => new Promise((resolve) => late.set(words, resolve)) });
	await fireEvent.input(box, { target: { value: 'a' } });
	await fireEvent.input(box, { target: { value: 'b' } });
	late.get('b')?.(['Björn']);
	await screen.findByRole('option', { name: 'Björn' });
	late.get('a')?.(['Amara']);
	await Promise.resolve();
	expect(screen.queryByRole('option', { name: 'Amara' })).toBeNull();
});

it('says that nothing fits when the search fails', async () => {
	const { box } = mount({ search: () => Promise.reject(new Error('away')) });
	await fireEvent.input(box, { target: { value: 'a' } });
	await screen.findByText('Nothing fits');
});
