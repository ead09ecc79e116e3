/** The workplace in its parts, side by side: it is more than a screen may load at once, and each is wanted at once. */
export async function bringParts() {
	const [workplace, player, notes, thumbs] = await Promise.all([
		import('./Workplace.svelte'),
		import('../../player/Player.svelte'),
		import('./Notes.svelte'),
		import('./Thumbs.svelte'),
	]);
	return { Workplace: workplace.default, Player: player.default, Notes: notes.default, Thumbs: thumbs.default };
}

export type Parts = Awaited<ReturnType<typeof bringParts>>;
