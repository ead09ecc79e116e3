import type { Command } from '../../player/keys.ts';
import type { Decision, Kind } from './types.ts';

/** What a key asks for in the workplace. */
export type Act =
	| { readonly do: 'play'; readonly command: Command }
	/** Opens the note box; `first` is the character that it was opened with. */
	| { readonly do: 'note'; readonly first: string }
	| { readonly do: 'mark'; readonly kind: Exclude<Kind, 'note'> }
	| { readonly do: 'level'; readonly level: number }
	| { readonly do: 'criterion'; readonly step: 1 | -1 }
	| { readonly do: 'decide'; readonly decision: Decision }
	/** Opens the words of the mark that was just made. */
	| { readonly do: 'words' }
	| { readonly do: 'undo' | 'send' | 'help' | 'skip' | 'leave' };

/** A key press, as far as it matters here: a KeyboardEvent is one. */
export interface Press {
	readonly key: string;
	readonly shiftKey: boolean;
	readonly ctrlKey: boolean;
	readonly metaKey: boolean;
	readonly altKey: boolean;
	readonly repeat: boolean;
	readonly isComposing: boolean;
	readonly defaultPrevented: boolean;
}

/** What has the keys: a field that takes text, a dialog, another control, or nothing that minds. */
export type Where = 'text' | 'dialog' | 'button' | 'choice' | 'slider' | 'page';

const play = (command: Command): Act => ({ do: 'play', command });

/** Keys that move go on moving while they are held. */
const moving: ReadonlyMap<string, Act> = new Map([
	['j', play('back')],
	['l', play('forward')],
	['arrowleft', play('back')],
	['arrowright', play('forward')],
	[',', play('frameBack')],
	['.', play('frameOn')],
]);

const once: ReadonlyMap<string, Act> = new Map<string, Act>([
	[' ', play('toggle')],
	['<', play('slower')],
	['>', play('faster')],
	['arrowup', { do: 'criterion', step: -1 }],
	['arrowdown', { do: 'criterion', step: 1 }],
	['g', { do: 'mark', kind: 'good' }],
	['w', { do: 'mark', kind: 'work' }],
	['q', { do: 'mark', kind: 'question' }],
	['p', { do: 'decide', decision: 'pass' }],
	['r', { do: 'decide', decision: 'retry' }],
	['f', { do: 'decide', decision: 'fail' }],
	['c', { do: 'note', first: '' }],
	['n', { do: 'note', first: '' }],
	['enter', { do: 'words' }],
	['escape', { do: 'leave' }],
	[']', { do: 'skip' }],
	['?', { do: 'help' }],
]);

/** Says what has the keys. */
export function whereOf(target: EventTarget | null): Where {
	if (!(target instanceof Element)) return 'page';
	if (target.closest('dialog, [popover]:popover-open')) return 'dialog';
	if (target.closest('input[type=checkbox], input[type=radio]')) return 'choice';
	if (target.closest('input, textarea, select, [contenteditable], audio')) return 'text';
	if (target.closest('[role=slider]')) return 'slider';
	if (target.closest('button, a, summary')) return 'button';
	return 'page';
}

/**
 * The act of a key press; undefined where the key belongs to what has it, or to the browser.
 *
 * Small letters that are commands act. Every other character begins a note with itself, and so does every letter with
 * Shift, command or not: sentences begin with a capital, so that whoever just begins to write "Good opening" writes.
 * Digits never begin a note: one pressed beyond the levels of a criterion was meant for it.
 */
export function actOf(press: Press, where: Where): Act | undefined {
	if (press.defaultPrevented || press.isComposing || where === 'dialog') return;
	const { key, shiftKey, repeat } = press;
	const command = press.ctrlKey || press.metaKey;
	// From everywhere, out of the note and the message, too.
	if (key === 'Enter' && command && !press.altKey) return repeat ? undefined : { do: 'send' };
	if (where === 'text') return;
	if (command && !press.altKey && !shiftKey && key.toLowerCase() === 'z') return { do: 'undo' };
	if (command || press.altKey) return;
	if (where === 'slider' && (key.startsWith('Arrow') || /^(Page|Home|End)/.test(key))) return;
	if (where === 'button' && (key === 'Enter' || key === ' ')) return;
	if (where === 'choice' && (key === ' ' || key.startsWith('Arrow'))) return;
	const writes = shiftKey && /^\p{L}$/u.test(key);
	if (!writes) {
		const move = moving.get(key.toLowerCase());
		if (move) return move;
		const act = once.get(key.toLowerCase());
		if (act) return repeat ? undefined : act;
	}
	if (repeat) return;
	if (/^[1-9]$/.test(key)) return { do: 'level', level: Number(key) };
	if (key === '0' || [...key].length !== 1) return; // Tab, F5, Backspace and the like
	return { do: 'note', first: key };
}
