import type { Part } from './api/me.svelte.ts';
import type { IconName } from './ui/icons.ts';

/** One entry of the navigation. */
export interface Entry {
	readonly href: string;
	readonly label: string;
	readonly icon: IconName;
	/** Who sees it; everybody where nothing is said. */
	readonly roles?: readonly Part[];
}

/** What the thumb reaches on a phone, beside Record in the middle. */
export const main: readonly Entry[] = [
	{ href: '/', label: 'Home', icon: 'home' },
	{ href: '/search', label: 'Find', icon: 'search' },
	{ href: '/mine', label: 'My videos', icon: 'video' },
];

/** Everything else: the rail on a wide window, the More page on a phone. */
export const rest: readonly Entry[] = [
	{ href: '/notices', label: 'Notices', icon: 'bell' },
	{ href: '/certify', label: 'Certify', icon: 'shield' },
	{ href: '/saved', label: 'Saved', icon: 'save' },
	{ href: '/reviews', label: 'Review', icon: 'check', roles: ['manager', 'trainer', 'admin', 'reviewer'] },
	{ href: '/programmes', label: 'Programmes', icon: 'book', roles: ['trainer', 'admin', 'manager'] },
	{ href: '/coaching', label: 'Coaching', icon: 'reply' },
	{ href: '/calibration', label: 'Calibration', icon: 'chart', roles: ['manager', 'trainer'] },
	{ href: '/team', label: 'My team', icon: 'team', roles: ['manager'] },
	{ href: '/reports/modeled', label: 'Reports', icon: 'chart', roles: ['trainer', 'manager'] },
	{ href: '/import', label: 'Import deals', icon: 'upload', roles: ['trainer'] },
	{ href: '/vocabulary', label: 'Vocabulary', icon: 'tag', roles: ['trainer'] },
	{ href: '/people', label: 'People', icon: 'people' },
	{ href: '/admin', label: 'System', icon: 'server', roles: ['admin'] },
	{ href: '/settings', label: 'Settings', icon: 'settings' },
];

/** The entries that these roles see. */
export const visible = (entries: readonly Entry[], has: (...roles: Part[]) => boolean): Entry[] =>
	entries.filter((entry) => !entry.roles || has(...entry.roles));
