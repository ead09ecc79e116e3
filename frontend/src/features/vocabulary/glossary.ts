import type { Schemas } from '../../api/client.ts';
import { en } from './en.ts';

export type Entry = Schemas['EntryDTO'];
/** A pair as it is edited: with a name of its own, for the list. */
export interface Pair extends Entry {
	readonly id: number;
}

const maxWords = 8;
const maxLetters = 120;
const maxBytes = 200;
export const maxPairs = 2000;

/** What two spoken phrases are compared by, as the server does: letters and digits in lower case. */
export function key(text: string): string {
	return text
		.normalize('NFKC')
		.replace(/['\u2019]/g, '')
		.replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
		.replace(/^-|-$/g, '')
		.toLowerCase();
}

/** Removes what may stand around and doubles in between: what the server would make of it. */
export const tidy = (text: string): string => text.trim().replace(/\s+/g, ' ');

function tooLong(text: string): boolean {
	return (
		[...text].length > maxLetters ||
		new TextEncoder().encode(text).length > maxBytes ||
		text.split(' ').length > maxWords ||
		key(text).split('-').length > maxWords
	);
}

/** What is wrong with a pair, at its two fields. */
export interface Wrong {
	readonly heard?: string;
	readonly written?: string;
}

/** What is wrong with the pairs, by their ids; a pair of two empty fields is nothing yet. */
export function check(pairs: readonly Pair[]): Map<number, Wrong> {
	const wrong = new Map<number, Wrong>();
	const seen = new Map<string, number>();
	for (const [i, pair] of pairs.entries()) {
		const [heard, written] = [tidy(pair.heard), tidy(pair.written)];
		if (!heard && !written) continue;
		const found: { heard?: string; written?: string } = {};
		const k = key(heard);
		const before = seen.get(k);
		if (!heard) found.heard = en.needed;
		else if (!k) found.heard = en.noLetter;
		else if (tooLong(heard)) found.heard = en.tooLong;
		else if (before !== undefined) found.heard = en.twice(before + 1);
		else seen.set(k, i);
		if (!written) found.written = en.needed;
		else if (tooLong(written)) found.written = en.tooLong;
		if (found.heard || found.written) wrong.set(pair.id, found);
	}
	return wrong;
}

/** The pairs as they are sent: tidied, without those that are nothing yet. */
export const entriesOf = (pairs: readonly Entry[]): Entry[] =>
	pairs
		.map(({ heard, written }) => ({ heard: tidy(heard), written: tidy(written) }))
		.filter(({ heard, written }) => heard !== '' || written !== '');

/** The pairs as a text to edit, one a line. */
export const textOf = (entries: readonly Entry[]): string =>
	entriesOf(entries)
		.map(({ heard, written }) => `${heard} = ${written}`)
		.join('\n');

/** Reads pairs from a text; `unread` are the numbers of lines that are none. A tab serves as well: spreadsheets paste it. */
export function parse(text: string): { entries: Entry[]; unread: number[] } {
	const entries: Entry[] = [];
	const unread: number[] = [];
	for (const [i, line] of text.split(/\r?\n/).entries()) {
		if (line.trim() === '') continue;
		const cut = line.includes('\t') ? line.indexOf('\t') : line.indexOf('=');
		if (cut < 0) unread.push(i + 1);
		else entries.push({ heard: tidy(line.slice(0, cut)), written: tidy(line.slice(cut + 1)) });
	}
	return { entries, unread };
}

/** What both sides changed, each in its own way; undefined where a side took the pair out. */
export interface Conflict {
	readonly heard: string;
	readonly mine: string | undefined;
	readonly theirs: string | undefined;
}
export interface Merge {
	/** Mine with what only they changed; of a conflict, mine. */
	readonly entries: Entry[];
	/** How many changes of theirs were taken in. */
	readonly taken: number;
	readonly conflicts: Conflict[];
}

/** Joins two edits of the same glossary by what is heard. */
export function merge(base: readonly Entry[], mine: readonly Entry[], theirs: readonly Entry[]): Merge {
	const by = (entries: readonly Entry[]) => new Map(entries.map((entry) => [key(entry.heard), entry]));
	const [old, own, other] = [by(base), by(mine), by(theirs)];
	const entries = [...mine];
	const conflicts: Conflict[] = [];
	let taken = 0;
	for (const k of new Set([...old.keys(), ...other.keys()])) {
		const [was, ours, them] = [old.get(k), own.get(k), other.get(k)];
		if (was?.written === them?.written) continue; // they left it alone
		if (ours?.written === them?.written) continue; // both did the same
		if (ours?.written !== was?.written) {
			conflicts.push({ heard: (ours ?? them ?? was)?.heard ?? '', mine: ours?.written, theirs: them?.written });
			continue;
		}
		taken++;
		const at = entries.findIndex((entry) => key(entry.heard) === k);
		if (!them) entries.splice(at, 1);
		else if (at < 0) entries.push(them);
		else entries[at] = them;
	}
	return { entries, taken, conflicts };
}
