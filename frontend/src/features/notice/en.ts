/** The words of this feature. */
export const en = {
	title: 'Notices',
	all: 'Mark all as read',
	emptyTitle: 'Nothing new',
	empty:
		'When somebody writes a note on a video of yours, answers, sends you a moment or asks you for one, it stands here.',
	more: 'Older ones',
	unread: 'unread',
	untitled: 'an untitled take',
	says: {
		note: (who: string, video: string) => `${who} wrote a note on ${video}`,
		reply: (who: string, video: string) => `${who} answered on ${video}`,
		share: (who: string, video: string) => `${who} sent you a moment of ${video}`,
		ask: (who: string) => `${who} asks you for a short take`,
		answer: (who: string, video: string) => `${who} answered you with ${video}`,
		failed: (_: string, video: string) => `${video} could not be processed. Look at it, and try again.`,
	},
	somebody: 'Somebody',
} as const;
