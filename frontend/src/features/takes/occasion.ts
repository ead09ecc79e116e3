import { api, data } from '../../api/client.ts';
import { clock } from '../../i18n/format.ts';
import type { Purpose, Source } from '../../recorder/take.ts';
import { en } from './en.ts';

/** What stands before the eyes of who speaks: somebody's words, and whose they are. */
export interface Cue {
	readonly who: string;
	readonly text: string;
}

/** What the camera was opened for, where the recording is no take to publish. */
export interface Occasion {
	readonly purpose: Purpose;
	/** The length to aim at; 0: none is said. */
	readonly targetMs: number;
	/** What may be recorded; at least one. */
	readonly types: readonly Source[];
	/** Where to go on afterwards. */
	readonly back: string;
	/** Gives the words to have in view; undefined where there are none, or no server to ask. */
	readonly cue: () => Promise<Cue | undefined>;
}

const sources: readonly Source[] = ['camera', 'screen', 'file'];

/**
 * Reads it from the address: `kind` (practice, reply), `for` (an id), and optionally `target` (ms), `types`, `back`.
 * In view stand the `note` of the `attempt` it names, or the words of the assigned practice it goes back to. Undefined for a take like any other.
 */
export function occasionOf(query: (name: string) => string): Occasion | undefined {
	const kind = query('kind');
	const subject = query('for');
	if ((kind !== 'practice' && kind !== 'reply') || subject === '') return;
	const wanted = query('types').split(',');
	const types = sources.filter((source) => wanted.includes(source));
	const target = Number(query('target'));
	const assigned = query('back') === `/coaching/practice/${subject}`;
	return {
		purpose: { kind, for: subject },
		targetMs: Number.isFinite(target) && target > 0 ? Math.min(target, 3_600_000) : 0,
		types: types.length > 0 ? types : sources,
		back: inside(query('back')),
		cue: () => cueOf({ attempt: query('attempt'), note: query('note'), assignment: assigned ? subject : '' }),
	};
}

/** A path of this client; an address may come from anywhere. */
function inside(path: string): string {
	if (!/^\/(?![/\\])/.test(path)) return '/';
	try {
		const url = new URL(path, 'https://fieldreel.invalid');
		return url.host === 'fieldreel.invalid' ? url.pathname + url.search + url.hash : '/';
	} catch {
		return '/';
	}
}

async function cueOf(from: { attempt: string; note: string; assignment: string }): Promise<Cue | undefined> {
	try {
		if (from.attempt && from.note) return await noteOf(from.attempt, from.note);
		if (from.assignment) return await promptOf(from.assignment);
	} catch {
		// Said without it: the network may be gone, and the camera does not wait.
	}
	return;
}

/** A note of a review: what is to be done better this time. */
async function noteOf(id: string, noteId: string): Promise<Cue | undefined> {
	const { result } = await data(api.GET('/api/v1/attempts/{id}', { params: { path: { id } } }));
	const note = result?.notes.find((one) => one.id === noteId);
	return note?.text ? { who: en.record.noted(note.by.name, clock(note.at_ms)), text: note.text } : undefined;
}

/** What somebody assigned one to say. */
async function promptOf(id: string): Promise<Cue | undefined> {
	const { from, prompt } = await data(api.GET('/api/v1/practice-assignments/{id}', { params: { path: { id } } }));
	return { who: en.record.asks(from.name), text: prompt };
}
