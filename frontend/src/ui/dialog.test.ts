import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, expect, it, vi } from 'vitest';
import Chips from './Chips.svelte';
import Dialog from './Dialog.svelte';

afterEach(cleanup);
const children = createRawSnippet(() => ({ render: () => '<p>What it says</p>' }));

it('is named by its title, and closes by its button', async () => {
	const onclose = vi.fn();
	render(Dialog, { open: true, title: 'Share', children, onclose });
	const dialog = screen.getByRole<HTMLDialogElement>('dialog', { name: 'Share' });
	expect(dialog.open).toBe(true);
	await fireEvent.click(screen.getByRole('button', { name: 'Close' }));
	await vi.waitFor(() => expect(dialog.open).toBe(false));
	expect(onclose).toHaveBeenCalledOnce();
	expect(screen.queryByText('What it says')).toBeNull();
});

it('asks before Escape closes what was written', async () => {
	let may = false;
	render(Dialog, { open: true, title: 'Note', children, mayClose: () => may });
	const dialog = screen.getByRole<HTMLDialogElement>('dialog');
	await fireEvent(dialog, new Event('cancel', { cancelable: true }));
	expect(dialog.open).toBe(true);
	may = true;
	await fireEvent(dialog, new Event('cancel', { cancelable: true }));
	await vi.waitFor(() => expect(dialog.open).toBe(false));
});

it('one chip is chosen, and taken back where that is allowed', async () => {
	const onchange = vi.fn();
	const options = [
		{ value: 'price', label: 'Price' },
		{ value: 'security', label: 'Security' },
	] as const;
	render(Chips<'price' | 'security'>, { legend: 'Objection', options, value: 'price', clearable: true, onchange });
	const [price, security] = ['Price', 'Security'].map((name) => screen.getByRole<HTMLInputElement>('radio', { name }));
	expect(screen.getByRole('group', { name: 'Objection' })).toBeTruthy();
	expect(price?.checked).toBe(true);
	if (security) await fireEvent.click(security);
	expect(onchange).toHaveBeenLastCalledWith('security');
	if (security) await fireEvent.click(security);
	expect(onchange).toHaveBeenLastCalledWith('');
	expect(security?.checked).toBe(false);
});

it('what must be answered has no other way out, not even a second Escape', async () => {
	const onclose = vi.fn();
	render(Dialog, { open: true, title: 'Two drafts', children, must: true, onclose });
	const dialog = screen.getByRole<HTMLDialogElement>('dialog', { name: 'Two drafts' });
	expect(screen.queryByRole('button', { name: 'Close' })).toBeNull();
	await fireEvent(dialog, new Event('cancel', { cancelable: true }));
	expect(dialog.open).toBe(true);
	dialog.close(); // as browsers do at the second Escape
	await vi.waitFor(() => expect(dialog.open).toBe(true));
	expect(onclose).not.toHaveBeenCalled();
});
