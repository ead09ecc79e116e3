import { duration, list, locale, plural } from '../../../i18n/format.ts';
import { en } from './en.ts';
import type { Rule, Setup } from './setup.ts';

// A set-up in words, so that one sees what is decided without opening every part.

const day = new Intl.DateTimeFormat(locale, {
	weekday: 'long',
	day: 'numeric',
	month: 'long',
	year: 'numeric',
	timeZone: 'UTC',
});

/** A calendar day so many days after another: both YYYY-MM-DD. */
export function dayAfter(from: string, days: number): string {
	const at = new Date(`${from}T00:00:00Z`);
	at.setUTCDate(at.getUTCDate() + days);
	return at.toISOString().slice(0, 10);
}

/** The calendar day where a time zone is, as YYYY-MM-DD; in UTC where nobody knows the zone. */
export function today(zone: string, now = new Date()): string {
	const parts = (timeZone: string) =>
		new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(now);
	try {
		return parts(zone);
	} catch {
		return parts('UTC');
	}
}

const dayWords = (iso: string): string =>
	/^\d{4}-\d\d-\d\d$/.test(iso) ? day.format(new Date(`${iso}T00:00:00Z`)) : '';

/** When attempts are due, with whose midnight counts. `from` is today where the reader is. */
export function dueWords(due: Setup['due'], from: string): string {
	if (due.kind === 'none') return en.due.noneWords;
	if (due.kind === 'date') {
		const words = dayWords(due.date);
		return words === '' ? '' : due.date < from ? en.due.past(words) : en.due.dateWords(words);
	}
	if (!Number.isInteger(due.days) || due.days < 1 || due.days > 5000) return '';
	return en.due.daysWords(plural(due.days, 'day', 'days'), dayWords(dayAfter(from, due.days)));
}

/** Whom a rule means. `name` gives what a person or team is called. */
export function ruleWords(rule: Rule, name: (id: string) => string): string {
	if (rule.person_id) return name(rule.person_id);
	const who = rule.role ? en.who.roles[rule.role] : en.who.everybody;
	const where = rule.team_id ? en.who.inTeam(name(rule.team_id)) : en.who.inCompany;
	const since = rule.new_within_days
		? (rule.role ? en.who.newRole : en.who.newTeam)(plural(rule.new_within_days, 'day', 'days'))
		: '';
	return [who, where, since].filter(Boolean).join(' ');
}

/** When one passes. `level` is what the level is called. */
export function passWords(pass: Setup['pass'], level?: string): string {
	return pass.kind === 'total' ? en.pass.totalWords(pass.percent) : en.pass.eachWords(pass.level, level);
}

export const answersWords = (setup: Setup): string =>
	[
		list(setup.answer_types.map((type) => en.answers[type].toLowerCase())),
		...(setup.target_ms > 0 ? [en.aboutLong(duration(setup.target_ms))] : []),
	].join(', ');

/** "1:20", "80" and "1:20.5" as milliseconds; NaN for what is no time. "" is 0. */
export function msOf(words: string): number {
	const found = /^\s*(?:(\d{1,3}):)?(\d{1,4})(?:[.,](\d{1,3}))?\s*$/.exec(words);
	if (words.trim() === '') return 0;
	if (!found || (found[1] !== undefined && Number(found[2]) > 59)) return Number.NaN;
	return (Number(found[1] ?? 0) * 60 + Number(found[2])) * 1000 + Number((found[3] ?? '').padEnd(3, '0'));
}

/** Milliseconds as `msOf` reads them: "1:20", "0:07.5". 0 is "". */
export function msText(ms: number): string {
	if (!Number.isFinite(ms) || ms <= 0) return '';
	const rest = ms % 1000;
	const s = Math.floor(ms / 1000);
	const tail = rest ? `.${String(rest).padStart(3, '0').replace(/0+$/, '')}` : '';
	return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}${tail}`;
}
