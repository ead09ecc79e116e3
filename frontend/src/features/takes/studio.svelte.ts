import { session } from '../../api/me.svelte.ts';
import { lazy, locale } from '../../i18n/format.ts';
import {
	type CaptureCode,
	CaptureError,
	canFlip,
	close,
	type EndReason,
	extensionOf,
	type Facing,
	openCamera,
	openScreen,
	Recording,
} from '../../recorder/capture.ts';
import { SilenceWatch, watchLevel } from '../../recorder/level.ts';
import type { LiveTake } from '../../recorder/outbox.ts';
import type { Purpose, Source } from '../../recorder/take.ts';
import { outbox } from './takes.svelte.ts';

/** Where the ring is full: long enough to say it, short enough to be watched. */
export const TARGET_MS = 90_000;

const day = lazy(() => new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' }));
const hour = lazy(() => new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false }));

/** What a take is called until somebody calls it something better. */
export const defaultTitle = (what = 'Take', at = new Date()): string =>
	`${what} of ${day().format(at)}, ${hour().format(at)}`;

/** A take that was recorded or picked, to be looked at before it is shared. */
export interface Finished {
	readonly id: string;
	readonly title: string;
	readonly url: string;
	readonly durationMs: number;
	readonly reason: EndReason;
}

export type Mode = 'camera' | 'screen';

/** What is recorded here, where it is no take like any other. */
interface Order {
	readonly purpose: Purpose;
	readonly targetMs: number;
	readonly types: readonly Source[];
}

const names: Readonly<Record<Purpose['kind'], string>> = { practice: 'Practice', reply: 'Reply' };

/** Phones have no windows to show. */
export const hasScreens = (): boolean =>
	'getDisplayMedia' in (navigator.mediaDevices ?? {}) && !matchMedia('(pointer: coarse)').matches;

/** The camera and what is recorded with it. */
export class Studio {
	mode = $state<Mode>('camera');
	stream = $state.raw<MediaStream>();
	problem = $state<CaptureCode | 'full' | 'screen_asked' | 'screen_missing' | 'file_asked'>();
	opening = $state(false);
	recording = $state(false);
	level = $state(0);
	silent = $state(false);
	elapsedMs = $state(0);
	facing = $state<Facing>('user');
	flippable = $state(false);
	finished = $state.raw<Finished>();
	#recording: Recording | undefined;
	#unwatch = () => {};
	#silence = new SilenceWatch();
	#opened = 0;
	#left = false;
	readonly #order: Order | undefined;
	/** What may be recorded. */
	readonly types: readonly Source[];
	/** Where the ring is full. */
	readonly targetMs: number;
	/** Somebody said how long it should be. */
	readonly asked: boolean;

	constructor(order?: Order) {
		this.#order = order;
		this.types = order?.types ?? ['camera', 'screen', 'file'];
		this.asked = Boolean(order?.targetMs);
		this.targetMs = order?.targetMs || TARGET_MS;
	}

	/** Opens what is recorded from; a screen is chosen by a tap, and a file is picked. */
	begin(): void {
		if (this.types.includes('camera')) return void this.open('camera');
		if (!this.types.includes('screen')) this.problem = 'file_asked';
		else if (hasScreens()) [this.mode, this.problem] = ['screen', 'screen_asked'];
		else this.problem = 'screen_missing';
	}

	/** Opens the camera, or asks which screen; what was open is let go of. */
	async open(mode: Mode = this.mode): Promise<void> {
		const mine = ++this.#opened;
		this.#letGo();
		this.mode = mode;
		this.problem = undefined;
		this.opening = true;
		try {
			const stream = mode === 'camera' ? await openCamera(this.facing) : await openScreen();
			if (mine !== this.#opened) return close(stream);
			this.stream = stream;
			this.#unwatch = watchLevel(stream, (level, rms) => this.#hear(level, rms));
			this.flippable = mode === 'camera' && (await canFlip());
		} catch (error) {
			if (mine === this.#opened) this.problem = error instanceof CaptureError ? error.code : 'failed';
		} finally {
			if (mine === this.#opened) this.opening = false;
		}
	}

	async flip(): Promise<void> {
		this.facing = this.facing === 'user' ? 'environment' : 'user';
		await this.open('camera');
	}

	/** Starts a recording that is kept and sent from its first second on. */
	start(): void {
		const stream = this.stream;
		if (!stream || this.#recording) return;
		const title = this.#title();
		const parts: Blob[] = [];
		// Slices may come before the spool is open; they wait for it in order.
		let live: Promise<LiveTake> | undefined;
		const limits = session.me?.limits;
		const recording = new Recording(stream, {
			onSlice: (slice) => {
				parts.push(slice);
				void live?.then((take) => take.append(slice)).catch(() => this.#noRoom());
				const sum = parts.reduce((bytes, part) => bytes + part.size, 0);
				if (limits && limits.max_upload_bytes > 0 && sum > limits.max_upload_bytes * 0.97) recording.stop();
			},
			onEnd: (reason, durationMs) => void this.#end(live, parts, { title, reason, durationMs }),
			endWhenHidden: this.mode === 'camera' && matchMedia('(pointer: coarse)').matches,
			...(limits && limits.max_take_ms > 0 ? { maxMs: limits.max_take_ms } : {}),
		});
		const mime = recording.mime;
		live = outbox.record({ source: this.mode, mime, filename: `take.${extensionOf(mime)}`, title, ...this.#purpose });
		live.catch(() => this.#noRoom());
		this.#recording = recording;
		this.#silence.restart();
		this.recording = true;
		this.elapsedMs = 0;
		const clock = setInterval(() => {
			if (this.#recording !== recording) return clearInterval(clock);
			this.elapsedMs = recording.elapsedMs;
		}, 250);
	}

	stop(): void {
		this.#recording?.stop();
	}

	/** Leaves the camera. What is being recorded is stopped and kept; true if there was something. */
	leave(): boolean {
		const had = this.#recording !== undefined;
		this.#opened++;
		this.#left = true;
		this.stop();
		this.#letGo();
		return had;
	}

	/** Takes in a picked file. */
	async pick(file: File): Promise<void> {
		const title = file.name.replace(/\.[^.]+$/, '') || this.#title();
		try {
			const id = await outbox.pick(file, title, this.#order?.purpose);
			this.#letGo();
			this.finished = { id, title, url: URL.createObjectURL(file), durationMs: 0, reason: 'stopped' };
		} catch {
			this.problem = 'full';
		}
	}

	/** Back from the look to the camera. */
	again(): void {
		if (this.finished) URL.revokeObjectURL(this.finished.url);
		this.finished = undefined;
		if (this.mode === 'camera') this.begin();
		else void this.open();
	}

	#title(): string {
		return defaultTitle(this.#order ? names[this.#order.purpose.kind] : undefined);
	}

	get #purpose(): { purpose?: Purpose } {
		return this.#order ? { purpose: this.#order.purpose } : {};
	}

	#hear(level: number, rms: number): void {
		this.level = level;
		const muted = this.stream?.getAudioTracks().some((track) => track.muted) ?? false;
		this.silent = this.recording && this.#silence.silent(muted ? 0 : rms, performance.now());
	}

	#noRoom(): void {
		this.problem = 'full';
		this.#recording?.stop();
	}

	async #end(
		live: Promise<LiveTake> | undefined,
		parts: readonly Blob[],
		how: { title: string; reason: EndReason; durationMs: number },
	): Promise<void> {
		const mime = this.#recording?.mime ?? 'video/mp4';
		this.#recording = undefined;
		this.recording = false;
		this.silent = false;
		this.#letGo();
		try {
			const take = await live;
			if (!take) return;
			await take.finish(how.durationMs);
			if (this.#left) return await outbox.release(take.id); // nobody looks at it any more
			// The codecs in the type would only make players doubt: they read the file.
			const url = URL.createObjectURL(new Blob([...parts], { type: mime.split(';')[0] ?? mime }));
			this.finished = { id: take.id, url, ...how };
		} catch {
			this.problem = 'full';
		}
	}

	#letGo(): void {
		this.#unwatch();
		this.#unwatch = () => {};
		this.level = 0;
		if (this.stream) close(this.stream);
		this.stream = undefined;
	}
}
