// Times as people say them, where the person is: their own time zone, which need not be that of the browser.
import { lazy, locale } from '../i18n/format.ts';

const dayMs = 86_400_000;
const relative = lazy(() => new Intl.RelativeTimeFormat(locale, { numeric: 'always' }));
const named = lazy(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }));
const formats = new Map<string, Intl.DateTimeFormat>();

/** A format of the zone; of the browser's where there is none, or it is unknown here. */
function format(name: string, options: Intl.DateTimeFormatOptions, zone: string | undefined): Intl.DateTimeFormat {
	const key = `${name} ${zone ?? ''}`;
	const known = formats.get(key);
	if (known) return known;
	let made: Intl.DateTimeFormat;
	try {
		made = new Intl.DateTimeFormat(locale, { ...options, ...(zone ? { timeZone: zone } : {}) });
	} catch {
		made = new Intl.DateTimeFormat(locale, options);
	}
	formats.set(key, made);
	return made;
}

/** Days since 1970 on the calendar of the zone. */
function calendarDay(at: number, zone: string | undefined): number {
	const parts = format('ymd', { year: 'numeric', month: 'numeric', day: 'numeric' }, zone).formatToParts(at);
	const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
	return Date.UTC(of('year'), of('month') - 1, of('day')) / dayMs;
}

/** A day: "22 Dec", with its year where that is another one. */
export function day(at: string, zone: string | undefined, now = Date.now()): string {
	const time = Date.parse(at);
	const year = (t: number) => format('y', { year: 'numeric' }, zone).format(t);
	const parts = format('md', { day: 'numeric', month: 'short' }, zone).formatToParts(time);
	const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
	return `${of('day')} ${of('month')}${year(time) === year(now) ? '' : ` ${year(time)}`}`;
}

/** A point in time: "tomorrow 23:59", "Friday 23:59", "22 Dec 23:59". */
export function when(at: string, zone: string | undefined, now = Date.now()): string {
	const time = Date.parse(at);
	const days = calendarDay(time, zone) - calendarDay(now, zone);
	const hour = format('hm', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, zone).format(time);
	if (Math.abs(days) <= 1) return `${named().format(days, 'day')} ${hour}`;
	if (days > 1 && days < 7) return `${format('w', { weekday: 'long' }, zone).format(time)} ${hour}`;
	return `${day(at, zone, now)} ${hour}`;
}

/** How far away: "in 5 hours", "in 1 day", "2 days ago"; days are those of the calendar. */
export function away(at: string, zone: string | undefined, now = Date.now()): string {
	const time = Date.parse(at);
	const minutes = Math.round((time - now) / 60_000);
	if (Math.abs(minutes) < 60) return relative().format(minutes, 'minute');
	const hours = Math.round(minutes / 60);
	const days = calendarDay(time, zone) - calendarDay(now, zone);
	if (Math.abs(hours) < 24 || days === 0) return relative().format(hours, 'hour');
	return relative().format(days, 'day');
}

/** How long it has been: "12 min", "2 h", "3 days". */
export function since(at: string, now = Date.now()): string {
	const minutes = Math.max(0, Math.floor((now - Date.parse(at)) / 60_000));
	if (minutes < 60) return `${Math.max(1, minutes)} min`;
	const hours = Math.floor(minutes / 60);
	if (hours < 48) return `${hours} h`;
	return `${Math.floor(hours / 24)} days`;
}

/** What is left of a short time: "27 min", "45 s"; "" when it is over. */
export function left(until: string, now = Date.now()): string {
	const seconds = Math.ceil((Date.parse(until) - now) / 1000);
	if (seconds <= 0) return '';
	return seconds >= 60 ? `${Math.ceil(seconds / 60)} min` : `${seconds} s`;
}
