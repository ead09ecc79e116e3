/** What a key asks for. The notes belong to the screen, the rest to the player. */
export type Command =
	| 'toggle'
	| 'back'
	| 'forward'
	| 'frameBack'
	| 'frameOn'
	| 'slower'
	| 'faster'
	| 'captions'
	| 'full'
	| 'mute'
	| 'note'
	| 'good'
	| 'work'
	| 'question'
	| 'next';

const commands: Readonly<Record<string, Command>> = {
	' ': 'toggle',
	k: 'toggle',
	j: 'back',
	l: 'forward',
	arrowleft: 'back',
	arrowright: 'forward',
	',': 'frameBack',
	'.': 'frameOn',
	'<': 'slower',
	'>': 'faster',
	t: 'captions',
	f: 'full',
	m: 'mute',
	c: 'note',
	n: 'note',
	g: 'good',
	w: 'work',
	q: 'question',
	']': 'next',
};

/** The command of a key press; undefined where the key belongs to what has the focus, or to the browser. */
export function commandOf(event: KeyboardEvent): Command | undefined {
	if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
	const command = commands[event.key.toLowerCase()];
	if (!command) return;
	const target = event.target instanceof Element ? event.target : null;
	if (target?.closest('input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog')) return;
	if (event.key === ' ' && target?.closest('button, a, summary, input, [role=option]')) return;
	if (event.key.startsWith('Arrow') && target?.closest('[role=slider], [role=tab], [role=listbox], input')) return;
	// Held down, a key that moves goes on moving; one that switches does so once.
	if (event.repeat && !/^(back|forward|frame)/.test(command)) return;
	return command;
}
