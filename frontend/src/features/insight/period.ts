import { locale } from '../../i18n/format.ts';

// Reports count days in UTC, as the API does: an address then means the same to whoever opens it.

export type Preset = 'all' | '30' | '90' | 'quarter' | 'own';

/** A period as the address has it: days, both included; "" is open. */
export interface Period {
	readonly from: string;
	readonly to: string;
}

export const presets: readonly Exclude<Preset, 'own'>[] = ['all', '30', '90', 'quarter'];

const day = (at: Date): string => at.toISOString().slice(0, 10);

/** The days that a preset stands for, today being the last. */
export function periodOf(preset: Exclude<Preset, 'own'>, today: Date): Period {
	if (preset === 'all') return { from: '', to: '' };
	const from =
		preset === 'quarter'
			? new Date(Date.UTC(today.getUTCFullYear(), Math.floor(today.getUTCMonth() / 3) * 3, 1))
			: new Date(today.getTime() - (Number(preset) - 1) * 86_400_000);
	return { from: day(from), to: day(today) };
}

/** Which preset a period is today; a period that is none was chosen by hand. */
export function presetOf({ from, to }: Period, today: Date): Preset {
	return (
		presets.find((preset) => {
			const period = periodOf(preset, today);
			return period.from === from && period.to === to;
		}) ?? 'own'
	);
}

const written = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });

/** The days of an answer's filters, whose end is the first moment that no longer counts. */
export function daysOf(filters: { from?: string; to?: string }): { from?: string; to?: string } {
	return {
		...(filters.from ? { from: written.format(new Date(filters.from)) } : {}),
		...(filters.to ? { to: written.format(new Date(new Date(filters.to).getTime() - 1)) } : {}),
	};
}
