import { bodyOf, type CriterionDraft, type CriterionKept } from './draft.ts';
import { en } from './en.ts';

// What a new version changes, said before it is saved.

/** What becomes of one criterion from one version to the next. */
export interface Change {
	readonly kind: 'new' | 'dropped' | 'changed';
	readonly name: string;
	/** In words, one for each thing that is otherwise. */
	readonly words: readonly string[];
}

/** What these drafts change in the criteria of a version; the order of the drafts, and then what is dropped. */
export function changesOf(base: readonly CriterionKept[], drafts: readonly CriterionDraft[]): Change[] {
	const before = new Map(base.map((one) => [one.id, one]));
	const out: Change[] = [];
	for (const one of drafts) {
		const was = before.get(one.continues);
		if (!was) out.push({ kind: 'new', name: one.name.trim(), words: [] });
		else {
			const words = differences(was, one);
			if (words.length > 0) out.push({ kind: 'changed', name: one.name.trim(), words });
		}
	}
	const continued = new Set(drafts.map((one) => one.continues));
	for (const was of base) if (!continued.has(was.id)) out.push({ kind: 'dropped', name: was.name, words: [] });
	return out;
}

/** Whether criteria that go on stand in another order than before. */
export function reordered(base: readonly CriterionKept[], drafts: readonly CriterionDraft[]): boolean {
	const places = drafts.map((one) => base.findIndex((was) => was.id === one.continues)).filter((place) => place >= 0);
	return places.some((place, i) => place < (places[i - 1] ?? -1));
}

function differences(was: CriterionKept, draft: CriterionDraft): string[] {
	const [now] = bodyOf([draft]);
	if (!now) return [];
	const out: string[] = [];
	if (now.name !== was.name) out.push(en.change.renamed(was.name));
	if (now.description !== was.description) out.push(en.change.description);
	if (now.weight !== was.weight) out.push(en.change.weight(was.weight, now.weight));
	if (now.levels.length !== was.levels.length) out.push(en.change.levelCount(was.levels.length, now.levels.length));
	else {
		const points = (levels: readonly { points: number }[]) => levels.map((level) => level.points).join();
		const texts = (levels: readonly { name: string; description: string }[]) =>
			JSON.stringify(levels.map((level) => [level.name, level.description]));
		if (points(now.levels) !== points(was.levels)) out.push(en.change.points);
		if (texts(now.levels) !== texts(was.levels)) out.push(en.change.levelWords);
	}
	return out;
}
