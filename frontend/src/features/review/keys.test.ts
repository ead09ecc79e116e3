import { describe, expect, it } from 'vitest';
import { type Act, actOf, type Press, whereOf } from './keys.ts';

const press = (key: string, more: Partial<Press> = {}): Press => ({
	key,
	shiftKey: false,
	ctrlKey: false,
	metaKey: false,
	altKey: false,
	repeat: false,
	isComposing: false,
	defaultPrevented: false,
	...more,
});
const says = (act: Act | undefined): string =>
	act === undefined
		? ''
		: Object.values(act)
				.map((part) => (part === '' ? '-' : String(part)))
				.join(' ');
const on = (key: string, more: Partial<Press> = {}) => says(actOf(press(key, more), 'page'));

describe('keys of the workplace', () => {
	it.each([
		[' ', 'play toggle'],
		['j', 'play back'],
		['l', 'play forward'],
		['ArrowLeft', 'play back'],
		[',', 'play frameBack'],
		['.', 'play frameOn'],
		['<', 'play slower'],
		['>', 'play faster'],
		['g', 'mark good'],
		['w', 'mark work'],
		['q', 'mark question'],
		['p', 'decide pass'],
		['r', 'decide retry'],
		['f', 'decide fail'],
		['1', 'level 1'],
		['6', 'level 6'],
		['ArrowUp', 'criterion -1'],
		['ArrowDown', 'criterion 1'],
		['c', 'note -'],
		['n', 'note -'],
		['Enter', 'words'],
		['Escape', 'leave'],
		[']', 'skip'],
		['?', 'help'],
	])('%s does: %s', (key, want) => expect(on(key)).toBe(want));

	it.each(['t', 'é', 'ß', '中', '-', '"', 'k', 'm', '…'])('%s begins a note with itself', (key) =>
		expect(on(key)).toBe(`note ${key}`),
	);

	it('a capital begins a note, of a command letter too; with Caps Lock the command stays', () => {
		expect(on('G', { shiftKey: true })).toBe('note G');
		expect(on('T', { shiftKey: true })).toBe('note T');
		expect(on('G')).toBe('mark good');
		expect(on('<', { shiftKey: true })).toBe('play slower');
		expect(on('?', { shiftKey: true })).toBe('help');
	});

	it.each(['0', 'Tab', 'Backspace', 'Shift', 'F5', 'Dead', 'Home'])('%s does nothing', (key) =>
		expect(on(key)).toBe(''),
	);

	it('leaves shortcuts of the browser alone', () => {
		for (const key of ['g', 'r', 'f', 'p', 't', '1', 'l'])
			for (const more of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) expect(on(key, more)).toBe('');
	});

	it('held down, moves go on and the rest happens once', () => {
		const repeat = { repeat: true };
		expect(on('l', repeat)).toBe('play forward');
		expect(on('.', repeat)).toBe('play frameOn');
		for (const key of ['g', '3', 'p', 't', ' ', 'ArrowDown']) expect(on(key, repeat)).toBe('');
		expect(on('Enter', { repeat: true, ctrlKey: true })).toBe('');
	});

	it('takes back with Ctrl and Z, and sends with Ctrl or Cmd and Enter, out of a field too', () => {
		expect(on('z', { ctrlKey: true })).toBe('undo');
		expect(on('Enter', { metaKey: true })).toBe('send');
		expect(says(actOf(press('Enter', { ctrlKey: true }), 'text'))).toBe('send');
		expect(says(actOf(press('z', { ctrlKey: true }), 'text'))).toBe('');
	});

	it('leaves what has the keys its own', () => {
		expect(says(actOf(press('g'), 'text'))).toBe('');
		expect(says(actOf(press('Enter'), 'text'))).toBe('');
		expect(says(actOf(press('g'), 'dialog'))).toBe('');
		expect(says(actOf(press('Enter', { ctrlKey: true }), 'dialog'))).toBe('');
		expect(says(actOf(press(' '), 'button'))).toBe('');
		expect(says(actOf(press('Enter'), 'button'))).toBe('');
		expect(says(actOf(press('g'), 'button'))).toBe('mark good');
		expect(says(actOf(press(' '), 'choice'))).toBe('');
		expect(says(actOf(press('ArrowDown'), 'choice'))).toBe('');
		expect(says(actOf(press('2'), 'choice'))).toBe('level 2');
		expect(says(actOf(press('ArrowLeft'), 'slider'))).toBe('');
		expect(says(actOf(press('j'), 'slider'))).toBe('play back');
		expect(on('g', { isComposing: true })).toBe('');
		expect(on('g', { defaultPrevented: true })).toBe('');
	});

	it.each([
		['<textarea></textarea>', 'text'],
		['<select></select>', 'text'],
		['<input type="checkbox">', 'choice'],
		['<button></button>', 'button'],
		['<a href="/"></a>', 'button'],
		['<div role="slider"></div>', 'slider'],
		['<h1 tabindex="-1"></h1>', 'page'],
	])('%s is %s', (html, want) => {
		document.body.innerHTML = html;
		expect(whereOf(document.body.firstElementChild)).toBe(want);
	});
	it('a field in a dialog is the dialog’s, and no target is the page', () => {
		document.body.innerHTML = '<dialog open><input></dialog>';
		expect(whereOf(document.querySelector('input'))).toBe('dialog');
		expect(whereOf(null)).toBe('page');
	});
});
