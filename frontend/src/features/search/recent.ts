const key = 'fieldreel.asked';
const most = 6;

/** What was asked before on this device, newest first. */
export function recent(): string[] {
	try {
		const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]');
		return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === 'string').slice(0, most) : [];
	} catch {
		return [];
	}
}

/** Keeps a question; what begins alike is replaced, since it was typed on the way. */
export function remember(question: string): void {
	const words = question.trim();
	if (words.length < 3) return;
	const low = words.toLowerCase();
	const others = recent().filter((one) => !low.startsWith(one.toLowerCase()) && one.toLowerCase() !== low);
	try {
		localStorage.setItem(key, JSON.stringify([words, ...others].slice(0, most)));
	} catch {
		// A full or forbidden storage costs only the list of questions.
	}
}

/** Forgets all of them. */
export function forget(): void {
	localStorage.removeItem(key);
}
