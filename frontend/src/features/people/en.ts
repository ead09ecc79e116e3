import { plural } from '../../i18n/format.ts';
import { roles } from '../../i18n/roles.ts';

/** The words of the directory; those of its administration stand in admin.ts. */
export const en = {
	title: 'People',
	lead: 'Follow colleagues to see their new videos first.',
	search: 'Find a person',
	tabs: { all: 'Everybody', following: 'Following', teams: 'Teams' },
	label: 'Which people',
	follow: 'Follow',
	following: 'Following',
	unfollowed: (name: string) => `You no longer follow ${name}`,
	undo: 'Undo',
	more: 'More people',
	nobodyTitle: 'Nobody found',
	nobody: 'Try another part of the name.',
	followsTitle: 'You follow nobody yet',
	follows: 'Their new videos then stand first on your home screen.',
	roles,
	inactive: 'Left',
	ask: 'Ask for a take',
	videos: (n: number) => plural(n, 'video', 'videos'),
	videosTitle: 'Videos',
	noVideos: (name: string) => `${name} has shared no video with you yet`,
	missing: 'There is no such person',
	moreVideos: 'Older ones',
} as const;
