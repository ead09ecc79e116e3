import { clock, plural } from '../../i18n/format.ts';
import { en } from './en.ts';
import type { Facts, Phrase } from './types.ts';

/** A place in a take that a count leads to. */
export interface Mark {
	readonly at_ms: number;
	/** What is there, for the eye: the time, and perhaps a word. */
	readonly label: string;
}

/** One thing that was counted. */
export interface Fact {
	readonly key: string;
	readonly name: string;
	/** The count itself, short enough for a table. */
	readonly value: string;
	/** Against what: a target, a band. */
	readonly against?: string;
	readonly marks: readonly Mark[];
	/** A phrase that should have been said and was not, or the other way round: worth a look, and no score. */
	readonly look?: boolean;
}

/** So much is played before what one wants to hear. */
const before = 1_500;

/** From where a mark is played. */
export const from = (mark: Mark): number => Math.max(0, mark.at_ms - before);

const words = en.facts;

function length({ duration_ms, target_ms }: Facts): Fact {
	const value = clock(duration_ms);
	const fact = { key: 'length', name: words.length, value, marks: [] };
	if (target_ms <= 0) return fact;
	const seconds = Math.round((duration_ms - target_ms) / 1000);
	return { ...fact, against: words.lengthAgainst(seconds, clock(target_ms)) };
}

function pace({ words_per_minute: wpm, pace_band: band }: Facts): Fact {
	const fact = { key: 'pace', name: words.pace, marks: [] };
	if (wpm === undefined) return { ...fact, value: '–', against: words.paceUnknown };
	const value = words.paceValue(wpm);
	if (!band) return { ...fact, value };
	const where = wpm < band.low ? 'slower' : wpm > band.high ? 'faster' : 'within';
	return { ...fact, value, against: words.paceAgainst[where](band.low, band.high) };
}

function pauses({ pauses: all }: Facts): Fact {
	const marks = all.map(({ start_ms, end_ms }) => ({
		at_ms: start_ms,
		label: `${clock(start_ms)} · ${((end_ms - start_ms) / 1000).toFixed(1)} s`,
	}));
	return { key: 'pauses', name: words.pauses, value: String(all.length), marks };
}

function fillers({ fillers: { at_least, known, at } }: Facts): Fact {
	if (!known) return { key: 'fillers', name: words.fillers, value: '–', against: words.fillersUnknown, marks: [] };
	const marks = at.map(({ start_ms, word }) => ({ at_ms: start_ms, label: `${clock(start_ms)} ${word}` }));
	return { key: 'fillers', name: words.fillers, value: words.atLeast(at_least), marks };
}

function phrase(kind: 'must' | 'not') {
	const says = kind === 'must' ? words.must : words.mustNot;
	return ({ phrase: text, state, at_ms }: Phrase, i: number): Fact => ({
		key: `${kind}-${i}`,
		name: `“${text}”`,
		value: says[state],
		marks: at_ms === undefined ? [] : [{ at_ms, label: clock(at_ms) }],
		look: state === (kind === 'must' ? 'missing' : 'found'),
	});
}

export const counted = (facts: Facts): Fact[] => [length(facts), pace(facts), pauses(facts), fillers(facts)];
export const mustSay = (facts: Facts): Fact[] => facts.must_say.map(phrase('must'));
export const mustNotSay = (facts: Facts): Fact[] => facts.must_not_say.map(phrase('not'));

/** How far a take is through its target, and where the target stands on a bar that holds both: shares of the bar. */
export function bar({ duration_ms, target_ms }: Facts): { readonly done: number; readonly target: number } {
	const whole = Math.max(duration_ms, target_ms * 1.25, 1);
	return { done: duration_ms / whole, target: target_ms / whole };
}

/** The phrases of a take in a few words: "2 of 3 said". */
export function phrasesSaid(facts: Facts): string {
	const found = facts.must_say.filter(({ state }) => state === 'found').length;
	const unclear = facts.must_say.filter(({ state }) => state === 'unclear').length;
	const said = words.saidOf(found, facts.must_say.length);
	return unclear > 0 ? `${said}, ${plural(unclear, 'unclear', 'unclear')}` : said;
}

/** Takes side by side: a row for each thing counted, a value for each take; "–" where it is not counted yet. */
export function compare(takes: readonly Facts[]): { readonly name: string; readonly values: readonly string[] }[] {
	const row = (name: string, value: (facts: Facts) => string) => ({
		name,
		values: takes.map((facts) => (facts.state === 'ready' ? value(facts) : '–')),
	});
	const rows = [
		{ name: words.length, values: takes.map(({ duration_ms }) => clock(duration_ms)) },
		row(words.paceShort, ({ words_per_minute: wpm }) => (wpm === undefined ? '–' : String(Math.round(wpm)))),
		row(words.pauses, (facts) => pauses(facts).value),
		row(words.fillers, (facts) => fillers(facts).value),
	];
	if (takes.some(({ must_say }) => must_say.length > 0)) rows.push(row(words.mustTitle, phrasesSaid));
	if (takes.some(({ must_not_say }) => must_not_say.length > 0))
		rows.push(
			row(words.mustNotTitle, (facts) =>
				words.slips(facts.must_not_say.filter(({ state }) => state === 'found').length),
			),
		);
	return rows;
}
