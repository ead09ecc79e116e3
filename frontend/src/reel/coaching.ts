import { api, data } from '../api/client.ts';
import { session } from '../api/me.svelte.ts';

/** Somebody to choose. */
export interface Colleague {
	readonly id: string;
	readonly name: string;
}

/** Colleagues whose names fit, without oneself. */
export async function findColleagues(words: string): Promise<Colleague[]> {
	const { items } = await data(api.GET('/api/v1/people', { params: { query: { q: words.trim(), limit: 8 } } }));
	return items.filter(({ id, active }) => id !== session.id && active);
}

/** Whom one may assign a practice: trainers anybody, managers the people of their line. */
export async function findReports(words: string): Promise<Colleague[]> {
	if (session.has('trainer')) return findColleagues(words);
	const { items } = await data(api.GET('/api/v1/coaching/people', { params: { query: { limit: 200 } } }));
	const wanted = words.trim().toLowerCase();
	return items
		.map(({ person }) => person)
		.filter(({ name }) => name.toLowerCase().includes(wanted))
		.slice(0, 8);
}

/** The day so many days from now, where this browser is, as it is sent. */
export function dayFrom(now: Date, days: number): string {
	const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
	const two = (n: number) => String(n).padStart(2, '0');
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
