import { locale } from '../../i18n/format.ts';

const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
const signed = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, signDisplay: 'exceptZero' });

/** A score of a hundred as "82.5%". */
export const percent = (score: number): string => `${one.format(score)}%`;

/** What came between two scores, in points: "+12.5", "-3", "0". */
export const change = (first: number, last: number): string => signed.format(Math.round((last - first) * 10) / 10);
