import { Action } from '../../api/action.svelte.ts';
import type { Schemas } from '../../api/client.ts';
import { newId } from '../../api/id.ts';
import { session } from '../../api/me.svelte.ts';
import { Problem } from '../../api/problem.ts';
import { Playback } from '../../player/playback.svelte.ts';
import type { Marker } from '../../player/strip.ts';
import { bodyOf, calls, type Sent } from './calls.ts';
import {
	decided,
	empty,
	type Lack,
	lackOf,
	levelsOf,
	named,
	newNote,
	openCriteria,
	type Standing,
	shortOf,
	standing,
	toSend,
	withLevel,
	withNote,
	withoutNote,
} from './content.ts';
import { en } from './en.ts';
import { Keeper } from './keeper.svelte.ts';
import { Shelf } from './kept.ts';
import type { Act } from './keys.ts';
import { drafted, messageOf } from './message.ts';
import { pressed } from './switching.ts';
import type { Criterion, Decision, DraftNote, Kind, Review } from './types.ts';
import { openVoices } from './voice-store.ts';
import { Voices } from './voices.svelte.ts';

/** How long after a mark what is typed belongs to it, in milliseconds of the video. */
const freshFor = 5000;
/** A note is opened so long before its second: what it is about was said before it was made. */
const lead = 3000;

/** One review on the table: what plays, what is written, and what the keys do. */
export class Desk {
	readonly review: Review;
	readonly video: Schemas['VideoDTO'];
	/** The criteria that are looked at. */
	readonly open: readonly Criterion[];
	readonly playback: Playback;
	readonly keeper: Keeper;
	readonly voices: Voices;
	readonly sending = new Action();
	/** Which criterion the digits mean; behind the last: the decision. */
	at = $state(0);
	/** The note in the box. */
	writing = $state<string>();
	/** Counts how often the box was asked to take the keys. */
	asked = $state(0);
	/** What was just done, for those who do not see it. */
	told = $state('');
	helping = $state(false);
	/** Why it was not sent. */
	lack = $state.raw<Lack>();
	#fresh = $state.raw<{ id: string; at_ms: number }>();
	#goOn = false;

	/** `video` is the take: a review has one once somebody has taken it on. */
	constructor(review: Review, video: Schemas['VideoDTO']) {
		this.review = review;
		this.video = video;
		this.open = openCriteria(review);
		this.playback = new Playback({
			media: video.media,
			duration_ms: video.duration_ms,
			refresh: async () => (await calls.review(review.id)).attempt.video?.media ?? {},
			start_ms: 0,
			end_ms: undefined,
			habit: 'review',
		});
		const person = session.id;
		this.keeper = new Keeper(review.draft, new Shelf(person, review.id), (content, base, keepalive, late) =>
			calls.save(review.id, content, base, keepalive, late),
		);
		this.voices = new Voices({
			person,
			review: review.id,
			store: openVoices(),
			send: (note, bytes) => calls.voice(review.id, note, bytes),
		});
		const first = this.open.findIndex(({ id }) => this.content.levels[id] === undefined);
		this.at = first < 0 ? this.open.length : first;
	}

	get content() {
		return this.keeper.content;
	}

	/** One may write. */
	get mine(): boolean {
		return this.review.may.send;
	}

	get standing(): Standing {
		return standing(this.review.rubric, this.review.pass, levelsOf(this.content, this.review));
	}

	get message(): string {
		return messageOf(this.content, this.review);
	}

	get note(): DraftNote | undefined {
		return this.content.notes.find(({ id }) => id === this.writing);
	}

	/** The mark that was just made, as long as what is typed belongs to it. */
	get fresh(): DraftNote | undefined {
		const fresh = this.#fresh;
		const near = fresh && Math.abs(this.playback.time - fresh.at_ms) <= freshFor;
		return near ? this.content.notes.find(({ id }) => id === fresh.id) : undefined;
	}

	get markers(): Marker[] {
		return this.content.notes.map(({ id, at_ms, kind, text }) => ({
			id,
			at_ms,
			label: text ? `${en.kinds[kind]}: ${text}` : en.kinds[kind],
			...(kind === 'note' ? {} : { tone: kind }),
		}));
	}

	/** Does what a key asks for; true when it was something. */
	run(act: Act): boolean {
		if (act.do === 'play') {
			if (!['slower', 'faster'].includes(act.command)) this.#fresh = undefined;
			return this.playback.run(act.command);
		}
		if (act.do === 'help') {
			this.helping = true;
			return true;
		}
		if (!this.mine) return false;
		switch (act.do) {
			case 'note':
				this.begin(act.first);
				return true;
			case 'mark':
				this.mark(act.kind);
				return true;
			case 'words':
				return this.#enter();
			case 'level':
				return this.setLevel(this.open[this.at], act.level);
			case 'criterion':
				this.at = Math.min(this.open.length, Math.max(0, this.at + act.step));
				return true;
			case 'decide':
				this.decide(act.decision);
				return true;
			case 'undo':
				return this.undo();
			default:
				return false; // sending and going on are the screen's
		}
	}

	/** Opens the box: for the mark that was just made, or for a new note at this second. */
	begin(first = ''): void {
		const fresh = this.fresh;
		if (fresh) {
			this.edit(fresh.id);
			if (first) this.write(fresh.text ? `${fresh.text} ${first}` : first);
			return;
		}
		const note = newNote(newId(), this.#now(), 'note', first);
		this.keeper.change(withNote(this.content, note), note.id);
		this.edit(note.id);
	}

	/** Opens the box for a note. */
	edit(id: string): void {
		if (this.writing && this.writing !== id) this.close(false);
		this.#pause();
		this.#fresh = undefined;
		this.writing = id;
		this.asked++;
	}

	/** Takes over what stands in the box. */
	write(text: string): void {
		const note = this.note;
		if (note) this.keeper.change(withNote(this.content, { ...note, text }), note.id);
	}

	/** Closes the box; what was written is in the draft. The video goes on if it did before. */
	close(resume = true): void {
		const note = this.note;
		this.writing = undefined;
		if (note && empty(note)) this.keeper.change(withoutNote(this.content, note.id), note.id);
		if (resume) this.resume();
	}

	/** Makes a note of a kind at this second; with the box open, it gives its note that kind. */
	mark(kind: Exclude<Kind, 'note'>): void {
		const note = this.note;
		if (note) {
			this.keeper.change(withNote(this.content, { ...note, kind }));
			this.asked++;
			return;
		}
		const made = newNote(newId(), this.#now(), kind);
		this.keeper.change(withNote(this.content, made));
		this.#fresh = { id: made.id, at_ms: made.at_ms };
		this.told = en.marked(en.kinds[kind], made.at_ms);
	}

	remove(id: string): void {
		if (this.writing === id) this.writing = undefined;
		this.keeper.change(withoutNote(this.content, id));
	}

	/** Plays from shortly before a second. */
	jump(ms: number, before = lead): void {
		this.playback.seek(ms - before);
		void this.playback.play();
	}

	/** Gives a criterion a level, and goes on to the next; false where it has no such level. */
	setLevel(criterion: Criterion | undefined, level: number): boolean {
		const named = criterion?.levels[level - 1];
		if (!criterion || !named || !this.mine) return false;
		this.keeper.change(withLevel(this.content, criterion.id, level));
		this.lack = undefined;
		this.at = this.open.indexOf(criterion) + 1;
		this.told = `${criterion.name}: ${named.name}`;
		return true;
	}

	decide(decision: Decision): void {
		this.keeper.change(decided(this.content, decision, shortOf(this.review, levelsOf(this.content, this.review))));
		this.at = this.open.length;
		this.lack = undefined;
		const lack = lackOf(this.content, this.review);
		if (lack && lack.why !== 'levels') this.lack = lack;
		this.told = en.decisions[decision];
	}

	retry(criterion: string, on: boolean): void {
		this.keeper.change(named(this.content, criterion, on));
		this.lack = undefined;
	}

	/** Takes over own words for the message; undefined drafts it from the notes again. */
	say(message: string | undefined): void {
		const { message: _, ...rest } = this.content;
		const own = message === undefined || message === drafted(this.content, this.review) ? rest : { ...rest, message };
		this.keeper.change(own, 'message');
	}

	undo(): boolean {
		if (!this.keeper.undo()) return false;
		if (this.writing && !this.note) {
			this.writing = undefined;
			this.resume();
		}
		this.told = en.undone;
		return true;
	}

	/** Adds a voice note at this second, or to the note in the box. Resolves when the device has it. */
	async speak(recording: Blob, at_ms: number): Promise<void> {
		const note = this.note ?? newNote(newId(), at_ms, 'note');
		await this.voices.keep(note.id, recording);
		this.keeper.change(withNote(this.content, { ...note, voice: true }));
		this.told = en.voice.kept;
		await this.upload();
	}

	/** Sends what is on this device only: the draft first, since a voice belongs to one of its notes. */
	async upload(leaving = false): Promise<void> {
		await this.keeper.flush(leaving);
		const left = this.#silent();
		if (!leaving && left.length > 0 && this.keeper.standing === 'saved') await this.voices.flush(left);
	}

	/** Finds what an earlier visit could not send. */
	async begun(): Promise<void> {
		await this.voices.begin();
		await this.upload();
	}

	/** The notes whose voice the server has not got. */
	#silent(): string[] {
		return this.voices.left(this.content.notes.filter(({ voice }) => voice).map(({ id }) => id));
	}

	/** Sends the review; undefined where something is missing or went wrong, which is then said. */
	async send(): Promise<Sent | undefined> {
		if (!this.mine || this.sending.busy) return;
		this.close(false);
		this.lack = lackOf(this.content, this.review);
		if (this.lack?.why === 'levels') {
			const first = this.lack.criteria[0];
			this.at = Math.max(
				0,
				this.open.findIndex(({ id }) => id === first?.id),
			);
		}
		if (this.lack) return;
		pressed();
		let sent: Sent | undefined;
		await this.sending.run(async () => {
			sent = await this.#send();
		});
		return sent;
	}

	async #send(): Promise<Sent> {
		if (this.keeper.other) throw new Problem(0, 'conflict', en.lacks.conflict);
		if (this.#silent().length > 0) {
			await this.upload();
			if (this.#silent().length > 0) throw new Problem(0, 'voices', this.voices.problem?.message ?? en.lacks.voices);
		}
		await this.keeper.hold();
		try {
			const sent = await calls.send(this.review.id, {
				...bodyOf(toSend(this.content, en.here)),
				message: this.message,
			});
			this.keeper.forget();
			void this.voices.forget();
			return sent;
		} catch (thrown) {
			this.keeper.release();
			if (thrown instanceof Problem && thrown.code === 'offline') throw new Problem(0, 'offline', en.sendOffline);
			throw thrown;
		}
	}

	/** Pauses for as long as something is written or said. */
	quiet(): void {
		this.#pause();
	}

	/** Plays on if it played before. */
	resume(): void {
		if (this.#goOn) void this.playback.play();
		this.#goOn = false;
	}

	/** The second that is shown, inside the take: its end by the browser is a little behind that of the server. */
	#now(): number {
		const { duration_ms } = this.video;
		return duration_ms > 0 ? Math.min(this.playback.now(), duration_ms) : this.playback.now();
	}

	#enter(): boolean {
		const fresh = this.fresh;
		if (fresh) this.edit(fresh.id);
		else if (this.playback.paused) void this.playback.play();
		else return false;
		return true;
	}

	#pause(): void {
		if (this.playback.paused) return;
		this.#goOn = true;
		this.playback.pause();
	}
}
