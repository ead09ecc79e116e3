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
 * Reads it from the address: `kind` (practice, reply), `for` (an id), and optionally `target` (ms), `types`, `back`, and
 * what to have in view: `attempt` and `note`, one of its review. Undefined for a take like any other.
 */
export function occasionOf(query: (name: string) => string): Occasion | undefined {
	const kind = query('kind');
	const subject = query('for');
	if ((kind !== 'practice' && kind !== 'reply') || subject === '') return;
	const wanted = query('types').split(',');
	const types = sources.filter((source) => wanted.includes(source));
	const target = Number(query('target'));
	return {
		purpose: { kind, for: subject },
		targetMs: Number.isFinite(target) && target > 0 ? Math.min(target, 3_600_000) : 0,
		types: types.length > 0 ? types : sources,
		back: inside(query('back')),
		cue: () => cueOf(query('attempt'), query('note')),
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

async function cueOf(attempt: string, noteId: string): Promise<Cue | undefined> {
	if (!attempt || !noteId) return;
	try {
		const { result } = await data(api.GET('/api/v1/attempts/{id}', { params: { path: { id: attempt } } }));
		const note = result?.notes.find(({ id }) => id === noteId);
		return result && note?.text
			? { who: en.record.noted(result.reviewer.name, clock(note.at_ms)), text: note.text }
			: undefined;
	} catch {
		return; // said without it: the network may be gone, and the camera does not wait
	}
}
