import type { Schemas } from '../../api/client.ts';
import type { Command } from '../../player/keys.ts';
import { Playback } from '../../player/playback.svelte.ts';
import type { Stretch } from '../../reel/moment.ts';
import { Draft } from './draft.svelte.ts';
import { type Note, Notes } from './notes.svelte.ts';
import { type Opened, opening } from './opening.ts';

export type Tab = 'transcript' | 'moments' | 'notes' | 'viewers' | 'about';
export type Video = Schemas['WatchDTO'];

/** A note is opened so long before its second: what it is about was said before it was written. */
export const lead = 3000;

/** One showing of a video: what plays, what is written to it, and what is in front. */
export class Showing {
	readonly id: string;
	readonly opened: Opened;
	readonly playback: Playback;
	readonly notes: Notes;
	readonly draft: Draft;
	tab = $state<Tab>('transcript');
	/** The note that the address asked for. */
	readonly marked: string;
	sharing = $state(false);
	using = $state(false);
	/** What the dialogs are about; both times 0: the whole video. */
	subject = $state.raw<Stretch>({ start_ms: 0, end_ms: 0 });
	#mayNote: boolean;

	constructor(video: Video, query: (name: string) => string, refresh: () => Promise<Video>) {
		this.id = video.id;
		this.opened = opening(query, video);
		const { start_ms, end_ms } = this.opened;
		this.playback = new Playback({
			media: video.media,
			duration_ms: video.duration_ms,
			refresh: async () => (await refresh()).media,
			start_ms,
			end_ms,
		});
		this.notes = new Notes(video.id);
		this.draft = new Draft(video.id, this.playback);
		this.marked = query('note');
		this.#mayNote = video.may.note;
		if (this.marked || query('queue')) this.tab = 'notes';
	}

	/** Fetches the notes, and goes to the one that was asked for. */
	async load(signal: AbortSignal): Promise<void> {
		await this.notes.load(signal);
		const note = this.notes.items.find(({ id }) => id === this.marked);
		if (note && !this.playback.started && this.opened.start_ms === 0) this.jump(note, false);
	}

	/** Goes to shortly before a note. */
	jump(note: Note, play = true): void {
		this.playback.seek(note.at_ms - lead);
		if (play) void this.playback.play();
	}

	/** Begins a note at the second that is shown. */
	write(label?: 'good' | 'work' | 'question'): void {
		this.tab = 'notes';
		this.draft.begin(label);
	}

	/** Does what a key asks for that is not the player's; false where it is nobody's. */
	key(command: Command): boolean {
		if (!this.#mayNote) return false;
		switch (command) {
			case 'note':
				this.write();
				return true;
			case 'good':
			case 'work':
			case 'question':
				this.write(command);
				return true;
			default:
				return false;
		}
	}

	share({ start_ms, end_ms }: Stretch): void {
		this.subject = { start_ms, end_ms };
		this.sharing = true;
	}

	use({ start_ms, end_ms }: Stretch): void {
		this.subject = { start_ms, end_ms };
		this.using = true;
	}
}
