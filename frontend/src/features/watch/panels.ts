import type { Component } from 'svelte';
import type { Showing, Tab, Video } from './showing.svelte.ts';

type Panel = Component<{ video: Video; showing: Showing }>;

/** What stands beside the video besides its words: fetched when it is wanted, since the video comes first. */
export const panels: Record<Exclude<Tab, 'transcript'>, () => Promise<{ default: Panel }>> = {
	moments: () => import('./Moments.svelte'),
	notes: () => import('./NotesPanel.svelte'),
	viewers: () => import('./Viewers.svelte') as Promise<{ default: Panel }>,
	about: () => import('./About.svelte') as Promise<{ default: Panel }>,
};

/** The dialogs, in the same way. */
export const dialogs = {
	share: () => import('../../reel/ShareDialog.svelte'),
	used: () => import('../../reel/UsedDialog.svelte'),
};

/** Fetches all of it while nothing else is under way, so that it is there when it is wanted. */
export function fetchAhead(): () => void {
	const timer = setTimeout(() => {
		for (const load of [...Object.values(panels), ...Object.values(dialogs)])
			void (load() as Promise<unknown>).catch(() => undefined);
	}, 3000);
	return () => clearTimeout(timer);
}
