/** The words of what is done with a whole programme. */
export const actsEn = {
	undo: 'Undo',
	opened: (name: string) => `“${name}” is open`,
	didClose: (name: string) => `“${name}” is closed. What waits gets its result; nothing more comes in.`,
	reopen: 'Open it again',
	close: 'Close programme',
	copy: 'Copy',
	copyMade: (name: string) => `A copy of “${name}” is a draft now`,
	delete: 'Delete draft',
	deleted: (name: string) => `“${name}” is deleted`,
} as const;
