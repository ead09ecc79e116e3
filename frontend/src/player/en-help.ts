/** The words of the keys. */
export const en = {
	help: 'Keys',
	keysOn: 'Keys act on the video',
	keys: [
		['Space, K', 'Play or pause'],
		['J, ←', 'Back 5 seconds'],
		['L, →', 'On 5 seconds'],
		[', .', 'A frame back or on'],
		['< >', 'Slower or faster'],
		['T', 'Captions'],
		['M', 'Sound'],
		['F', 'Full screen'],
	],
	noteKeys: [
		['C, N', 'Write a note here'],
		['G W Q', 'Note: good, work on this, question'],
		['Enter', 'Send the note and play on'],
		['Escape', 'Leave the note'],
	],
} as const;
