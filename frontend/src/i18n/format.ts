// How numbers, times and amounts are written, in the language of the browser; words themselves stand in the en.ts of
// each feature, so that a screen loads only its own.

/** The language that words are written in; a further language is a module beside each en.ts that `satisfies` it. */
export const locale = 'en';

/** Makes a thing when it is first asked for: a format takes 5 to 60 ms on a phone, and few screens need all. */
export function lazy<T>(make: () => T): () => T {
	let made: T | undefined;
	return () => (made ??= make());
}

// What a screen shows first is written without Intl, whose first use costs a slow phone 40 to 240 ms; the tests hold it
// to what Intl writes. A second language brings Intl back here, or rules of its own.
const number = lazy(() => new Intl.NumberFormat(locale));
const percent = lazy(() => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }));
const listFormat = lazy(() => new Intl.ListFormat(locale, { type: 'conjunction' }));

/** 12345 as "12,345". */
export const count = (n: number): string =>
	Number.isSafeInteger(n) ? String(n).replace(/\B(?=(\d{3})+$)/g, ',') : number().format(n);

/** A share of 1 as "34%". */
export const share = (x: number): string => percent().format(x);

/** Picks the word for n: plural(1, 'video', 'videos') is "1 video". */
export const plural = (n: number, one: string, other: string): string => `${count(n)} ${n === 1 ? one : other}`;

/** ["a","b","c"] as "a, b, and c". */
export const list = (words: readonly string[]): string => listFormat().format(words);

/** Milliseconds of a video as "0:07" or "1:02:03". */
export function clock(ms: number): string {
	const s = Math.max(0, Math.floor(ms / 1000));
	const two = (n: number) => String(n).padStart(2, '0');
	const h = Math.floor(s / 3600);
	return h > 0 ? `${h}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** Milliseconds in words: "1 minute 20 seconds". For screen readers, where a clock reads badly. */
export function duration(ms: number): string {
	const s = Math.round(ms / 1000);
	const m = Math.floor(s / 60);
	if (m === 0) return plural(s, 'second', 'seconds');
	return s % 60 === 0
		? plural(m, 'minute', 'minutes')
		: `${plural(m, 'minute', 'minutes')} ${plural(s % 60, 'second', 'seconds')}`;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** An RFC 3339 time as a date where the reader is: "Nov 22, 2026". */
export function date(at: string): string {
	const d = new Date(at);
	return `${months[d.getMonth()]} ${d.getDate()}, ${d.getFullYear()}`;
}

/** An RFC 3339 time as date and time: "Nov 22, 2026, 9:05 AM". */
export function dateTime(at: string): string {
	const d = new Date(at);
	const [h, m] = [d.getHours(), d.getMinutes()];
	return `${date(at)}, ${h % 12 || 12}:${String(m).padStart(2, '0')} ${h < 12 ? 'AM' : 'PM'}`;
}

/** An RFC 3339 time as seen from now: "5 minutes ago"; after four weeks, the date. */
export function ago(at: string, now = Date.now()): string {
	const s = (new Date(at).getTime() - now) / 1000;
	const a = Math.abs(s);
	if (a < 45) return 'now';
	if (a < 45 * 60) return away(s, a / 60, 'minute');
	if (a < 22 * 3600) return away(s, a / 3600, 'hour');
	if (a < 28 * 86_400) return a < 1.5 * 86_400 ? (s < 0 ? 'yesterday' : 'tomorrow') : away(s, a / 86_400, 'day');
	return date(at);
}

function away(s: number, n: number, unit: string): string {
	const words = plural(Math.round(n), unit, `${unit}s`);
	return s < 0 ? `${words} ago` : `in ${words}`;
}
