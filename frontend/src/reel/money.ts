import { count, locale } from '../i18n/format.ts';

/** An amount of money; a currency that the browser does not know is written as it is. */
export function money(amount: number, currency: string): string {
	try {
		return new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount);
	} catch {
		return `${count(amount)} ${currency}`.trim();
	}
}
