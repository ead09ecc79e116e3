import type { Schemas } from '../../api/client.ts';

/** A word of a line; `unsure` where the machine was not. */
export interface LineWord {
	readonly text: string;
	readonly unsure: boolean;
}

/** What is said in one breath: short enough to read at a glance and to jump to. */
export interface Line {
	readonly start_ms: number;
	readonly end_ms: number;
	readonly text: string;
	readonly words: readonly LineWord[];
}

/** So many words are a line even without a breath. */
const most = 14;
/** A silence that ends a line. */
const breath = 600;

type Segment = Schemas['SegmentDTO'];
type Words = NonNullable<Segment['words']>;

/** Cuts a transcript into lines: at ends of sentences, at silences, and where it grows too long. */
export function linesOf(segments: readonly Segment[]): Line[] {
	const lines: Line[] = [];
	for (const segment of segments) {
		if (!segment.words?.length) {
			lines.push({
				start_ms: segment.start_ms,
				end_ms: segment.end_ms,
				text: segment.text,
				words: [{ text: segment.text, unsure: false }],
			});
			continue;
		}
		let line: Words = [];
		for (const [i, word] of segment.words.entries()) {
			line.push(word);
			const next = segment.words[i + 1];
			const ends = /[.?!…]["”’]?$/.test(word.text) && line.length > 1;
			const rests = next !== undefined && next.start_ms - word.end_ms >= breath;
			if (!next || ends || rests) {
				lines.push(join(line));
				line = [];
			} else if (line.length >= most) {
				const at = cut([...line, next]);
				lines.push(join(line.slice(0, at)));
				line = line.slice(at);
			}
		}
	}
	return lines;
}

/** Where a line that is too long is cut best: after a comma, or else at its longest rest; never leaving a scrap. */
function cut(words: Words): number {
	let best = words.length - 1;
	let longest = -1;
	for (let i = Math.floor(most / 2); i < words.length; i++) {
		const [before, after] = [words[i - 1], words[i]];
		if (!before || !after) continue;
		const rest = after.start_ms - before.end_ms + (/[,;:]$/.test(before.text) ? breath : 0);
		if (rest >= longest) [best, longest] = [i, rest];
	}
	return best;
}

function join(words: Words): Line {
	return {
		start_ms: words[0]?.start_ms ?? 0,
		end_ms: words.at(-1)?.end_ms ?? 0,
		text: words.map(({ text }) => text).join(' '),
		words: words.map(({ text, unsure }) => ({ text, unsure: unsure ?? false })),
	};
}

/** The line that is said at a time: the last that has begun; -1 before the first. */
export function lineAt(lines: readonly Line[], ms: number): number {
	let low = 0;
	let high = lines.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((lines[middle]?.start_ms ?? 0) <= ms) low = middle + 1;
		else high = middle;
	}
	return low - 1;
}

/** Where the words looked for stand in a text. */
export function matches(text: string, wanted: string): { start: number; end: number }[] {
	const found: { start: number; end: number }[] = [];
	const [hay, needle] = [text.toLowerCase(), wanted.trim().toLowerCase()];
	// Letters whose small form is longer would shift the marks: such a text is shown unmarked.
	if (needle === '' || hay.length !== text.length) return found;
	for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length))
		found.push({ start: at, end: at + needle.length });
	return found;
}
