import { locale } from '../../../i18n/format.ts';

/** The months of which some line has a figure, oldest first: "2026-11". */
export function monthsOf(lines: readonly { readonly points: readonly { readonly month: string }[] }[]): string[] {
	return [...new Set(lines.flatMap((line) => line.points.map((point) => point.month)))].sort();
}

const format = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** "2026-11" as "Nov 2026". */
export const monthName = (month: string): string => format.format(new Date(`${month}-01T00:00:00Z`));
