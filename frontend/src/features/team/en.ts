/** The words of this feature. */
export const en = {
	title: 'My team',
	lead: 'What your people recorded, and what waits for a word from you.',
	waits: 'Waits for your note',
	begin: 'Watch them in a row',
	all: 'All of their videos',
	person: 'By',
	everybody: 'Everybody',
	nothingWaits: 'Nothing waits for you. Every video of the last 90 days has a note of yours.',
	emptyTitle: 'No videos of your team yet',
	empty: 'As soon as somebody shares a take with you or your team, it stands here.',
	nobodyTitle: 'You manage no team',
	nobody: 'An admin seats managers on teams. Then your people’s videos stand here.',
	none: 'Nothing by this person that you may see.',
	more: 'More videos',
	open: 'no note of yours',
} as const;
