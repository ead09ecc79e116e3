/** The words of this feature. */
export const en = {
	title: 'Saved',
	tabs: { saved: 'Saved', received: 'Sent to me', sent: 'Sent by me', used: 'Used' },
	label: 'What is shown',
	drop: 'Remove',
	dropped: 'Removed',
	undo: 'Undo',
	from: (name: string) => `from ${name}`,
	to: (name: string) => `to ${name}`,
	gone: 'This video is gone, or is no longer shared with you.',
	more: 'Older ones',
	empty: {
		saved: ['Nothing saved yet', 'Save a moment while you search or watch, and it stands here.'],
		received: ['Nobody has sent you anything yet', 'Moments that colleagues send to you or your team stand here.'],
		sent: ['You have sent nothing yet', 'Share a moment with somebody who faces the same.'],
		used: [
			'You have used nothing yet',
			'After a call in which a moment helped, press “Used it”. It tells its author, and makes the evidence.',
		],
	},
	find: 'Find a moment',
	onDeal: 'with a deal',
} as const;
