import type { Schemas } from '../../../api/client.ts';
import { locale } from '../../../i18n/format.ts';

export type Counts = Schemas['ParticipantCountsDTO'];
export type Numbers = Schemas['ProgrammeNumbersDTO'];
export type Participant = Schemas['ParticipantDTO'];

/** What participants are narrowed to, as it stands in the address. */
export const filters = [
	'not_started',
	'submitted',
	'retry',
	'passed',
	'failed',
	'overdue',
	'expiring',
	'left',
] as const;
export type Filter = (typeof filters)[number];

export const filterOf = (text: string): Filter | undefined => filters.find((one) => one === text);

/** The parameters of the API for a filter and a team. */
export function queryOf(filter: Filter | undefined, team: string) {
	return {
		...(team ? { team } : {}),
		...(filter === 'overdue' ? { overdue: true } : {}),
		...(filter === 'expiring' ? { expiring: true } : {}),
		...(filter && filter !== 'overdue' && filter !== 'expiring' ? { status: filter } : {}),
	};
}

/** The figures of the row, in their order, with the filter that shows who they are. */
export const figures = [
	{ key: 'people' },
	{ key: 'not_started', filter: 'not_started' },
	{ key: 'submitted', filter: 'submitted' },
	{ key: 'waiting_reviews' },
	{ key: 'passed', filter: 'passed' },
	{ key: 'retry', filter: 'retry' },
	{ key: 'failed', filter: 'failed' },
	{ key: 'overdue', filter: 'overdue' },
	{ key: 'expiring', filter: 'expiring' },
] as const satisfies readonly { key: keyof Counts; filter?: Filter }[];

/** The last moment of a day (YYYY-MM-DD) in a time zone, as RFC 3339; the browser's zone where it is not known. */
export function endOfDay(day: string, zone: string | undefined): string {
	const wanted = Date.parse(`${day}T23:59:59Z`);
	// The clock there may be changed on that very day, so what was found is looked at once more.
	let at = wanted - offset(wanted, zone);
	at = wanted - offset(at, zone);
	return new Date(at).toISOString().replace('.000Z', 'Z');
}

/** The calendar day of a time in a zone, as YYYY-MM-DD. */
export function dayIn(at: string, zone: string | undefined): string {
	const time = Date.parse(at);
	return new Date(time + offset(time, zone)).toISOString().slice(0, 10);
}

/** How far the clock of a zone is ahead of UTC at a time, in milliseconds. */
function offset(at: number, zone: string | undefined): number {
	let format: Intl.DateTimeFormat;
	const options = {
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
		hourCycle: 'h23',
	} as const;
	try {
		format = new Intl.DateTimeFormat('en', { ...options, ...(zone ? { timeZone: zone } : {}) });
	} catch {
		format = new Intl.DateTimeFormat('en', options);
	}
	const of = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
	const there = Date.UTC(of.year ?? 0, (of.month ?? 1) - 1, of.day, of.hour, of.minute, of.second);
	return there - Math.floor(at / 1000) * 1000;
}

const oneDecimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
/** 3.25 as "3.3". */
export const tenth = (n: number): string => oneDecimal.format(n);

/** A filter of the address to those who have none: pressing the chosen one takes it back. */
export const toggled = (now: Filter | undefined, pressed: Filter): Filter | '' => (now === pressed ? '' : pressed);
