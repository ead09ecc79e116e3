import { locale } from '../../i18n/format.ts';

// Months of the calendar in UTC, as the server counts them, so that an address means the same to whoever opens it.

export type Preset = '3' | '6' | '12' | 'own';
export const presets: readonly Exclude<Preset, 'own'>[] = ['3', '6', '12'];

/** The server shows so many unless it is asked otherwise, and at most so many. */
export const usual = '6';
const most = 36;

/** A period as the address has it: months, both included; "" leaves it to the server. */
export interface Period {
	readonly from: string;
	readonly to: string;
}

const month = (today: Date, back: number): string =>
	new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - back, 1)).toISOString().slice(0, 7);

/** The months that a preset stands for, this one being the last. */
export const periodOf = (preset: Exclude<Preset, 'own'>, today: Date): Period =>
	preset === usual ? { from: '', to: '' } : { from: month(today, Number(preset) - 1), to: month(today, 0) };

/** Which preset a period is today; one that is none was chosen by hand. */
export function presetOf({ from, to }: Period, today: Date): Preset {
	const same = (preset: Exclude<Preset, 'own'>) => {
		const period = periodOf(preset, today);
		return period.from === from && period.to === to;
	};
	return presets.find(same) ?? 'own';
}

/** The months that may be chosen, the newest first, with one that an address names although it is older. */
export function monthsUntil(today: Date, named: string): string[] {
	const all = Array.from({ length: most }, (_, back) => month(today, back));
	return named === '' || all.includes(named) ? all : [...all, named];
}

const withYear = new Intl.DateTimeFormat(locale, { month: 'short', year: 'numeric', timeZone: 'UTC' });

/** A month, "2026-11", with its year: "Nov 2026"; what is none as it stands. */
export function monthYear(text: string): string {
	const at = new Date(`${text}-01T00:00:00Z`);
	return Number.isNaN(at.getTime()) ? text : withYear.format(at);
}
