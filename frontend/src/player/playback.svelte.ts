import { asProblem, Problem } from '../api/problem.ts';
import { en } from './en.ts';
import { FrameLength } from './frame.ts';
import { attachHls } from './hls.ts';
import type { Command } from './keys.ts';
import { type Habit, keepPrefs, nextSpeed, readPrefs } from './prefs.ts';
import { choose, expiring, type Media } from './source.ts';

interface Options {
	readonly media: Media;
	readonly duration_ms: number;
	/** Gets fresh addresses. */
	readonly refresh: () => Promise<Media>;
	/** Where to begin. */
	readonly start_ms: number;
	/** Where to stop and offer to play on; undefined: at the end of the video. */
	readonly end_ms: number | undefined;
	/** Which habits of watching it follows; those of just watching unless said otherwise. */
	readonly habit?: Habit;
}

/** iPhones know only a door of their own to the full screen. */
type Phone = Omit<HTMLVideoElement, 'requestFullscreen'> & {
	readonly requestFullscreen?: () => Promise<void>;
	readonly webkitEnterFullscreen?: () => void;
};

const leap = 5000;
/** How long one may have waited in one play before the renditions take over. */
const patience = 4000;
const playlist = 'application/vnd.apple.mpegurl';

/** A video that plays: what it does now, and what it can be told. Times are milliseconds. */
export class Playback {
	/** Where it stands, as of the last report of the browser; `now()` is exact. */
	time = $state(0);
	duration = $state(0);
	paused = $state(true);
	/** It was played at least once. */
	started = $state(false);
	waiting = $state(false);
	ended = $state(false);
	/** It stopped at the end of the moment. */
	stopped = $state(false);
	muted = $state(false);
	/** It plays without sound because the browser wants a tap first. */
	silent = $state(false);
	full = $state(false);
	problem = $state.raw<Problem>();
	prefs = $state.raw(readPrefs());
	#habit: Habit = 'watch';
	#frame = new FrameLength();
	/** The addresses in use. */
	media = $state.raw<Media>({});

	#video: HTMLVideoElement | undefined;
	#options: Options;
	#wanted: number;
	#end: number | undefined;
	#stalled = false;
	#waited = 0;
	#waitingSince = 0;
	#tries = 0;
	#renewing: Promise<void> | undefined;
	#detach: (() => void) | undefined;
	#endTimer: ReturnType<typeof setTimeout> | undefined;

	constructor(options: Options) {
		this.#options = options;
		this.#habit = options.habit ?? 'watch';
		this.prefs = readPrefs(this.#habit);
		this.media = options.media;
		this.duration = options.duration_ms;
		this.time = options.start_ms;
		this.#wanted = options.start_ms;
		this.#end = options.end_ms;
	}

	/** Where it stands. */
	now(): number {
		const video = this.#video;
		return video && video.readyState > 0 ? video.currentTime * 1000 : this.#wanted;
	}

	/** Takes a video element into service; gives the function that lets it go. */
	attach(video: HTMLVideoElement): () => void {
		this.#video = video;
		const on: Partial<Record<keyof HTMLMediaElementEventMap, () => void>> = {
			loadedmetadata: () => this.#loaded(video),
			durationchange: () => {
				if (Number.isFinite(video.duration) && video.duration > 0) this.duration = video.duration * 1000;
			},
			timeupdate: () => this.#tick(video),
			seeking: () => this.#tick(video),
			seeked: () => this.#tick(video),
			play: () => {
				this.paused = false;
				this.ended = false;
				this.stopped = false;
			},
			pause: () => {
				this.paused = true;
			},
			ended: () => {
				this.ended = true;
			},
			playing: () => {
				this.started = true;
				this.problem = undefined;
				this.#calm();
			},
			waiting: () => {
				this.waiting = true;
				this.#waitingSince = performance.now();
				if (!video.seeking) setTimeout(() => this.#impatient(), patience);
			},
			canplay: () => this.#calm(),
			volumechange: () => {
				this.muted = video.muted;
				if (!video.muted) this.silent = false;
			},
			error: () => void this.#failed(),
		};
		for (const [name, listener] of Object.entries(on)) video.addEventListener(name, listener);
		void this.#load();
		const counting = this.#count(video);
		return () => {
			counting();
			for (const [name, listener] of Object.entries(on)) video.removeEventListener(name, listener);
			clearTimeout(this.#endTimer);
			this.#detach?.();
			video.removeAttribute('src');
			video.load(); // lets the browser drop the connection at once
			this.#video = undefined;
		};
	}

	/** Plays; without sound where the browser allows no other beginning. */
	async play(): Promise<void> {
		const video = this.#video;
		if (!video) return;
		if (this.problem) await this.retry();
		else if (video.paused && expiring(this.media, Date.now())) await this.#renew().catch(() => undefined);
		try {
			await video.play();
		} catch (thrown) {
			if (!(thrown instanceof DOMException) || thrown.name !== 'NotAllowedError' || video.muted) return;
			video.muted = true;
			this.silent = true;
			await video.play().catch(() => {
				video.muted = false; // not even so: the person presses play
				this.silent = false;
			});
		}
	}

	pause(): void {
		this.#video?.pause();
	}

	toggle(): void {
		if (this.#video?.paused) void this.play();
		else this.pause();
	}

	/** Moves to a time; beyond the end of the moment it was opened for, that end no longer stops it. */
	seek(ms: number): void {
		const to = Math.min(Math.max(0, ms), this.duration);
		this.#wanted = to;
		this.time = to;
		this.stopped = false;
		if (this.#end !== undefined && to >= this.#end) this.#end = undefined;
		const video = this.#video;
		if (video && video.readyState > 0) video.currentTime = to / 1000;
	}

	/** Plays a moment: from its beginning, to its end. */
	open(start_ms: number, end_ms: number | undefined): void {
		this.#options = { ...this.#options, start_ms, end_ms };
		this.#end = undefined;
		this.seek(start_ms);
		this.#end = end_ms;
		void this.play();
	}

	/** Takes over what came to be since: captions, pictures. What plays is left alone. */
	fill(media: Media): void {
		const { progressive, hls, ...rest } = this.media;
		const { progressive: _, hls: h, ...fresh } = media;
		const added = { ...fresh, ...rest };
		if (Object.keys(added).length > Object.keys(rest).length)
			this.media = {
				...added,
				...(progressive ? { progressive } : {}),
				...((hls ?? h) ? { hls: hls ?? h ?? '' } : {}),
			};
	}

	/** Plays on behind the end of the moment. */
	playOn(): void {
		this.#end = undefined;
		void this.play();
	}

	/** Plays the moment, or the whole video, once more. */
	again(): void {
		this.#end = this.#options.end_ms;
		this.seek(this.#end === undefined ? 0 : this.#options.start_ms);
		void this.play();
	}

	sound(): void {
		if (this.#video) this.#video.muted = false;
	}

	setRate(rate: number): void {
		this.prefs = { ...this.prefs, rate };
		keepPrefs(this.prefs, this.#habit);
		if (this.#video) this.#video.playbackRate = rate;
	}

	setCaptions(captions: boolean): void {
		this.prefs = { ...this.prefs, captions };
		keepPrefs(this.prefs, this.#habit);
	}

	setKeys(keys: boolean): void {
		this.prefs = { ...this.prefs, keys };
		keepPrefs(this.prefs, this.#habit);
	}

	/** Fills the screen, with the browser's own controls: fingers know them, and they cast. */
	fullscreen(): void {
		const video = this.#video as Phone | undefined;
		if (!video) return;
		if (document.fullscreenElement) void document.exitFullscreen().catch(() => undefined);
		else if (video.requestFullscreen) void video.requestFullscreen().catch(() => undefined);
		else video.webkitEnterFullscreen?.();
	}

	/** Does what a key asks for; false where it is not the player's. */
	run(command: Command): boolean {
		const video = this.#video;
		if (!video) return false;
		switch (command) {
			case 'toggle':
				this.toggle();
				return true;
			case 'back':
				this.seek(this.now() - leap);
				return true;
			case 'forward':
				this.seek(this.now() + leap);
				return true;
			case 'frameBack':
			case 'frameOn':
				this.pause();
				this.seek(this.now() + (command === 'frameOn' ? this.#frame.ms : -this.#frame.ms));
				return true;
			case 'slower':
			case 'faster':
				this.setRate(nextSpeed(this.prefs.rate, command === 'faster' ? 1 : -1));
				return true;
			case 'captions':
				this.setCaptions(!this.prefs.captions);
				return true;
			case 'mute':
				video.muted = !video.muted;
				return true;
			case 'full':
				this.fullscreen();
				return true;
			default:
				return false;
		}
	}

	/** Tries again after a failure, with fresh addresses, where it stood. */
	async retry(): Promise<void> {
		this.problem = undefined;
		this.#tries = 0;
		await this.#renew().catch(() => undefined);
	}

	/** Learns how long a frame is, where the browser tells which one it shows; gives what ends it. */
	#count(video: HTMLVideoElement): () => void {
		if (!('requestVideoFrameCallback' in video)) return () => undefined;
		let asked = 0;
		const next = () => {
			asked = video.requestVideoFrameCallback((_, { mediaTime }) => {
				this.#frame.saw(mediaTime);
				next();
			});
		};
		next();
		return () => video.cancelVideoFrameCallback(asked);
	}

	async #load(): Promise<void> {
		const video = this.#video;
		const source = choose(this.media, this.duration, this.#stalled);
		if (!video || !source) return;
		this.#detach?.();
		this.#detach = undefined;
		video.playbackRate = this.prefs.rate;
		if (source.kind === 'hls' && !video.canPlayType(playlist)) {
			try {
				this.#detach = await attachHls(video, source.url, () => void this.#failed());
				return;
			} catch {
				if (!this.media.progressive) {
					this.problem = new Problem(0, 'media', en.broken);
					return;
				}
			}
		}
		const url =
			source.kind === 'hls' && video.canPlayType(playlist) ? source.url : (this.media.progressive ?? source.url);
		// The fragment lets the browser ask for the right bytes first.
		video.src = this.#wanted > 0 ? `${url}#t=${(this.#wanted / 1000).toFixed(3)}` : url;
	}

	#loaded(video: HTMLVideoElement): void {
		video.playbackRate = this.prefs.rate;
		if (Math.abs(video.currentTime * 1000 - this.#wanted) > 50) video.currentTime = this.#wanted / 1000;
	}

	#tick(video: HTMLVideoElement): void {
		if (video.readyState === 0) return;
		const now = video.currentTime * 1000;
		this.time = now;
		this.#wanted = now;
		if (now > this.#options.start_ms + 5000) this.#tries = 0;
		clearTimeout(this.#endTimer);
		if (this.#end === undefined || video.paused || video.seeking) return;
		// Reports come four times a second; the rest of the way is timed.
		const left = (this.#end - now) / video.playbackRate;
		if (left <= 20) this.#stop();
		else if (left < 300) this.#endTimer = setTimeout(() => this.#stop(), left);
	}

	#stop(): void {
		if (!this.#video || this.#video.paused || this.#end === undefined) return;
		this.pause();
		this.stopped = true;
	}

	#calm(): void {
		if (this.waiting) this.#waited += performance.now() - this.#waitingSince;
		this.waiting = false;
	}

	/** The line is too slow for the MP4: the renditions follow it. */
	#impatient(): void {
		const so_far = this.#waited + (this.waiting ? performance.now() - this.#waitingSince : 0);
		if (this.#stalled || !this.media.hls || so_far < patience - 50 || !this.waiting) return;
		this.#stalled = true;
		this.#resume();
	}

	/** Loads again where it stands, and plays on if it played. */
	#resume(): void {
		const video = this.#video;
		if (!video) return;
		const playing = !video.paused;
		void this.#load().then(() => (playing ? video.play().catch(() => undefined) : undefined));
	}

	/** An address that has expired looks like any failure: fresh ones are tried before anything is said. */
	async #failed(): Promise<void> {
		const video = this.#video;
		if (!video || this.#renewing) return;
		const broken = video.error?.code === MediaError.MEDIA_ERR_DECODE;
		if (broken && !this.#stalled && this.media.hls) {
			this.#stalled = true; // the renditions are made for every browser
			this.#resume();
			return;
		}
		if (this.#tries++ >= 2) {
			this.problem = new Problem(0, 'media', broken ? en.broken : en.lost);
			this.waiting = false;
			return;
		}
		await this.#renew().catch(() => undefined);
	}

	#renew(): Promise<void> {
		this.#renewing ??= this.#ask().finally(() => {
			this.#renewing = undefined;
		});
		return this.#renewing;
	}

	async #ask(): Promise<void> {
		try {
			this.media = await this.#options.refresh();
			this.#resume();
		} catch (thrown) {
			this.problem = asProblem(thrown);
			this.waiting = false;
			throw thrown;
		}
	}
}
