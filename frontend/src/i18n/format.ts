// How numbers, times and amounts are written, in the language of the browser; words themselves stand in the en.ts of
// each feature, so that a screen loads only its own.

/** The language that words are written in; a further language is a module beside each en.ts that `satisfies` it. */
export const locale = 'en';

/** Makes a thing when it is first asked for: a format takes 5 to 60 ms on a phone, and few screens need all. */
export function lazy<T>(make: () => T): () => T {
	let made: T | undefined;
	return () => (made ??= make());
}

const number = lazy(() => new Intl.NumberFormat(locale));
const percent = lazy(() => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }));
const dateFormat = lazy(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }));
const dateTimeFormat = lazy(() => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }));
const relative = lazy(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
const pluralRules = lazy(() => new Intl.PluralRules(locale));
const listFormat = lazy(() => new Intl.ListFormat(locale, { type: 'conjunction' }));

/** 12345 as "12,345". */
export const count = (n: number): string =>
	Number.isInteger(n) && n >= 0 && n < 1000 ? String(n) : number().format(n); // most counts, without the format

/** A share of 1 as "34%". */
export const share = (x: number): string => percent().format(x);

/** Picks the word for n: plural(1, 'video', 'videos') is "1 video". */
export const plural = (n: number, one: string, other: string): string =>
	`${count(n)} ${n === 1 || pluralRules().select(n) === 'one' ? one : other}`;

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

/** Bytes as "3.4 MB". */
export function bytes(n: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let i = 0;
	let x = n;
	while (x >= 1000 && i < units.length - 1) {
		x /= 1000;
		i++;
	}
	return `${i === 0 ? x : x.toFixed(x < 10 ? 1 : 0)} ${units[i]}`;
}

/** An amount of money; a currency that the browser does not know is written as it is. */
export function money(amount: number, currency: string): string {
	try {
		return new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount);
	} catch {
		return `${number().format(amount)} ${currency}`.trim();
	}
}

/** An RFC 3339 time as a date: "22 Nov 2026". */
export const date = (at: string): string => dateFormat().format(new Date(at));

/** An RFC 3339 time as date and time. */
export const dateTime = (at: string): string => dateTimeFormat().format(new Date(at));

/** An RFC 3339 time as seen from now: "5 minutes ago"; after four weeks, the date. */
export function ago(at: string, now = Date.now()): string {
	const s = (new Date(at).getTime() - now) / 1000;
	const a = Math.abs(s);
	if (a < 45) return relative().format(0, 'second');
	if (a < 45 * 60) return relative().format(Math.round(s / 60), 'minute');
	if (a < 22 * 3600) return relative().format(Math.round(s / 3600), 'hour');
	if (a < 28 * 86400) return relative().format(Math.round(s / 86400), 'day');
	return date(at);
}
