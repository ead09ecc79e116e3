import type { Kept } from './calls.ts';
import type { Criterion, Gold, Levels, Ref } from './types.ts';

/** One of a panel, with the levels said so far. */
export interface Member {
	readonly person: Ref;
	readonly levels: Levels;
}

/** A gold take while it is written. */
export interface Draft {
	readonly title: string;
	readonly video: { readonly id: string; readonly title: string } | undefined;
	/** The rubric that is picked, and its version. */
	readonly rubric: string;
	readonly version: string;
	readonly panel: readonly Member[];
}

/** What there is of a gold take to change; an empty one without. */
export const draftOf = (gold?: Gold): Draft => ({
	title: gold?.title ?? '',
	video: gold && { id: gold.video_id, title: gold.video?.title ?? gold.title },
	rubric: gold?.rubric.rubric_id ?? '',
	version: gold?.rubric.id ?? '',
	panel: gold?.panel ?? [],
});

/** Says whether all is there that a gold take needs. */
export const ready = ({ title, video, version, panel }: Draft, criteria: readonly Criterion[]): boolean =>
	title.trim() !== '' &&
	video !== undefined &&
	version !== '' &&
	panel.length > 0 &&
	panel.every(({ levels }) => criteria.every(({ id }) => levels[id] !== undefined));

/** What is sent of it. */
export const keptOf = ({ title, video, version, panel }: Draft): Kept => ({
	title: title.trim(),
	video_id: video?.id ?? '',
	rubric_version_id: version,
	panel: panel.map(({ person, levels }) => ({ person_id: person.id, levels: { ...levels } })),
});
