import { locale } from '../../i18n/format.ts';

// Days of the calendar, "2026-11-30", which are the same day wherever one is.

const format = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const withYear = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const months = new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' });

/** A day as it is read: "Nov 30", with its year where that is another one. */
export function dayWords(day: string, now = new Date()): string {
	const at = new Date(`${day}T00:00:00Z`);
	return (at.getUTCFullYear() === now.getUTCFullYear() ? format : withYear).format(at);
}

/** A month, "2026-11", as it is read on an axis: "Nov". */
export const monthWords = (month: string): string => months.format(new Date(`${month}-01T00:00:00Z`));
