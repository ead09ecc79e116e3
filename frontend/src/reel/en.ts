import { list, plural } from '../i18n/format.ts';

/** The words of what is done with videos and moments: share, save, used it. */
export const en = {
	untitled: 'Untitled take',
	whole: 'The whole video',
	cancel: 'Cancel',
	undo: 'Undo',
	share: {
		title: 'Share',
		to: 'To',
		placeholder: 'A colleague or a team',
		team: (members: number) => `Team · ${plural(members, 'member', 'members')}`,
		person: 'Colleague',
		drop: (name: string) => `Take out ${name}`,
		message: 'Message',
		messageHint: 'What should they listen for?',
		send: 'Send',
		nobody: 'Name a colleague or a team first.',
		sent: (names: readonly string[]) => `Sent to ${list(names)}`,
		blind: (n: number, team: string) =>
			`${plural(n, 'member', 'members')} of ${team} may not see it: sharing does not widen the audience.`,
		refused: 'May not see this video. Its author can widen the audience.',
		copy: 'Copy the link',
		copied: 'Link copied. It opens for whoever may see the video.',
		notCopied: 'The browser did not let us copy. The link is in the address bar.',
	},
	save: {
		save: 'Save',
		saved: 'Saved',
		kept: 'Saved for later',
		dropped: 'No longer saved',
	},
	used: {
		title: 'Used it with a customer',
		lead: 'Your colleague learns that it helped, and the team which tactics win deals.',
		deal: 'Which deal?',
		none: 'No deal',
		find: 'Another deal',
		findPlaceholder: 'Its name, or the CRM’s number',
		comment: 'How did it go?',
		send: 'I used it',
		thanks: 'Thank you. It is noted.',
		thanksFor: (deal: string) => `Thank you. It is noted with ${deal}.`,
		deals: 'Your deals cannot be loaded. You can say it without one.',
	},
} as const;
