/** Which colours: as the device says, or as the person chose on it. */
export type Scheme = 'auto' | 'light' | 'dark';

const key = 'fieldreel.scheme';

/** What was chosen on this device. */
export function scheme(): Scheme {
	try {
		const kept = localStorage.getItem(key);
		return kept === 'light' || kept === 'dark' ? kept : 'auto';
	} catch {
		return 'auto';
	}
}

/** Applies a choice, and keeps it on this device. */
export function setScheme(chosen: Scheme): void {
	if (chosen === 'auto') delete document.documentElement.dataset.scheme;
	else document.documentElement.dataset.scheme = chosen;
	try {
		if (chosen === 'auto') localStorage.removeItem(key);
		else localStorage.setItem(key, chosen);
	} catch {
		// Without storage the choice holds until the page is left.
	}
}
