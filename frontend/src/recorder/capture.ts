/** Camera, microphone and screen, and the recording made of them. */

/** Why there is no picture or sound to record. */
export type CaptureCode =
	| 'insecure' // the page came without TLS: browsers give no camera then
	| 'unsupported' // the browser cannot record
	| 'refused' // the person, or the phone's settings, said no
	| 'no_camera'
	| 'no_microphone'
	| 'in_use' // another app has the camera or the microphone
	| 'cancelled' // the choice of a screen was closed
	| 'failed';

export class CaptureError extends Error {
	override name = 'CaptureError';
	readonly code: CaptureCode;

	constructor(code: CaptureCode, cause?: unknown) {
		super(code, { cause });
		this.code = code;
	}
}

export type Facing = 'user' | 'environment';

const SOUND: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * In this order: what every browser plays comes first. Safari says yes to WebM and makes poor files of it, so MP4 goes
 * before; the codec is named because a bare video/mp4 may become VP9. What was really made says recorder.mimeType.
 */
const FORMATS = [
	'video/mp4;codecs=avc1.42E01E,mp4a.40.2',
	'video/mp4;codecs=avc1.42E01E,opus',
	'video/webm;codecs=vp9,opus',
	'video/webm;codecs=vp8,opus',
	'video/mp4',
	'video/webm',
];

/** The format to record in; undefined leaves it to the browser. */
export function formatFor(supported: (mime: string) => boolean): string | undefined {
	return FORMATS.find(supported);
}

/** The ending of a file name for what a recorder made. */
export function extensionOf(mime: string): string {
	if (mime.startsWith('video/mp4')) return 'mp4';
	return mime.startsWith('video/x-matroska') ? 'mkv' : 'webm';
}

function devices(): MediaDevices {
	if (!globalThis.isSecureContext) throw new CaptureError('insecure');
	const media = globalThis.navigator?.mediaDevices as MediaDevices | undefined;
	if (!media || typeof MediaRecorder === 'undefined') throw new CaptureError('unsupported');
	return media;
}

/** Opens camera and microphone: upright, 720 lines, the side that faces the person unless told otherwise. */
export async function openCamera(facing: Facing = 'user'): Promise<MediaStream> {
	const media = devices();
	const video = {
		facingMode: facing,
		width: { ideal: 720 },
		height: { ideal: 1280 },
		frameRate: { ideal: 30, max: 30 },
	};
	try {
		return await media.getUserMedia({ video, audio: SOUND });
	} catch (error) {
		throw new CaptureError(await codeOf(error, media), error);
	}
}

/** Opens a screen or window with the microphone; the screen's own sound is mixed in where the browser gives it. */
export async function openScreen(): Promise<MediaStream> {
	const media = devices();
	if (!media.getDisplayMedia) throw new CaptureError('unsupported');
	let screen: MediaStream;
	try {
		screen = await media.getDisplayMedia({ video: { frameRate: { ideal: 30, max: 30 } }, audio: true });
	} catch (error) {
		throw new CaptureError(
			error instanceof DOMException && error.name === 'NotAllowedError' ? 'cancelled' : 'failed',
			error,
		);
	}
	try {
		const voice = await media.getUserMedia({ audio: SOUND });
		return new MediaStream([...screen.getVideoTracks(), ...mixed(screen, voice)]);
	} catch (error) {
		close(screen);
		throw new CaptureError(await codeOf(error, media), error);
	}
}

/** One track of all the sound: a recorder takes the first track and forgets the rest. */
function mixed(screen: MediaStream, voice: MediaStream): MediaStreamTrack[] {
	if (screen.getAudioTracks().length === 0) return voice.getAudioTracks();
	const context = new AudioContext();
	const sum = context.createMediaStreamDestination();
	for (const stream of [screen, voice]) context.createMediaStreamSource(stream).connect(sum);
	for (const track of sum.stream.getAudioTracks()) {
		const stop = track.stop.bind(track);
		track.stop = () => {
			stop();
			close(screen);
			close(voice);
			void context.close();
		};
	}
	return sum.stream.getAudioTracks();
}

async function codeOf(error: unknown, media: MediaDevices): Promise<CaptureCode> {
	switch (error instanceof DOMException ? error.name : '') {
		case 'NotAllowedError':
		case 'SecurityError':
			return 'refused';
		case 'NotReadableError':
		case 'AbortError':
			return 'in_use';
		case 'NotFoundError': {
			const found = await media.enumerateDevices().catch(() => []);
			return found.some((device) => device.kind === 'videoinput') ? 'no_microphone' : 'no_camera';
		}
		default:
			return 'failed';
	}
}

/** Lets go of camera and microphone: their lights go out. */
export function close(stream: MediaStream): void {
	for (const track of stream.getTracks()) track.stop();
}

/** Whether there is another camera to turn to. */
export async function canFlip(): Promise<boolean> {
	const found = await globalThis.navigator?.mediaDevices?.enumerateDevices?.().catch(() => []);
	return (found ?? []).filter((device) => device.kind === 'videoinput').length > 1;
}

/** Why a recording ended. In every case what was recorded so far is kept. */
export type EndReason = 'stopped' | 'hidden' | 'track_ended' | 'recorder_failed' | 'too_long';

export interface RecordingOptions {
	/** Gets each slice, in order. */
	onSlice(slice: Blob): void;
	/** Called once, after the last slice. */
	onEnd(reason: EndReason, durationMs: number): void;
	/** How often a slice comes, and so how much a crash can cost. */
	sliceMs?: number;
	/** A phone takes the camera away from a hidden page: end then, while what is there can still be kept. */
	endWhenHidden?: boolean;
	/** The longest recording. */
	maxMs?: number;
	now?: () => number;
}

/** A recording in progress. Any way it ends, the slices so far have been handed over. */
export class Recording {
	readonly #recorder: MediaRecorder;
	readonly #stream: MediaStream;
	readonly #o: RecordingOptions;
	readonly #now: () => number;
	readonly #started: number;
	#reason: EndReason = 'stopped';
	#ended = false;
	#limit: ReturnType<typeof setTimeout> | undefined;
	#wakeLock: WakeLockSentinel | null = null;

	constructor(stream: MediaStream, o: RecordingOptions) {
		this.#stream = stream;
		this.#o = o;
		this.#now = o.now ?? (() => performance.now());
		const mimeType = formatFor((mime) => MediaRecorder.isTypeSupported(mime));
		const options: MediaRecorderOptions & { videoKeyFrameIntervalDuration: number } = {
			...(mimeType ? { mimeType } : {}),
			videoBitsPerSecond: 2_500_000,
			audioBitsPerSecond: 96_000,
			// Chromium hands out a piece of MP4 at a keyframe only; without this a crash would cost everything.
			videoKeyFrameIntervalDuration: 1000,
		};
		try {
			this.#recorder = new MediaRecorder(stream, options);
		} catch (error) {
			throw new CaptureError('unsupported', error);
		}
		this.#recorder.addEventListener('dataavailable', (event) => {
			if (event.data.size > 0) this.#o.onSlice(event.data);
		});
		this.#recorder.addEventListener('stop', () => this.#finish());
		this.#recorder.addEventListener('error', () => this.#end('recorder_failed'));
		for (const track of stream.getTracks()) track.addEventListener('ended', this.#onTrackEnded);
		document.addEventListener('visibilitychange', this.#onVisibility);
		window.addEventListener('pagehide', this.#onPageHide);
		this.#recorder.start(o.sliceMs ?? 1000);
		this.#started = this.#now();
		if (o.maxMs !== undefined) this.#limit = setTimeout(() => this.#end('too_long'), o.maxMs);
		void this.#keepAwake();
	}

	/** What is really being made, whatever was asked for. */
	get mime(): string {
		return this.#recorder.mimeType || 'video/webm';
	}

	get elapsedMs(): number {
		return this.#now() - this.#started;
	}

	/** Ends it; onEnd follows when the last slice is out. */
	stop(): void {
		this.#end('stopped');
	}

	#end(reason: EndReason): void {
		if (this.#ended) return;
		this.#reason = reason;
		if (this.#recorder.state === 'inactive') this.#finish();
		else this.#recorder.stop();
	}

	#finish(): void {
		if (this.#ended) return;
		this.#ended = true;
		clearTimeout(this.#limit);
		for (const track of this.#stream.getTracks()) track.removeEventListener('ended', this.#onTrackEnded);
		document.removeEventListener('visibilitychange', this.#onVisibility);
		window.removeEventListener('pagehide', this.#onPageHide);
		this.#wakeLock?.release().catch(() => {}); // gone already when the page was hidden
		this.#o.onEnd(this.#reason, this.elapsedMs);
	}

	// A call takes the microphone, a lock the camera: the recorder may go on without them and record nothing.
	#onTrackEnded = () => this.#end('track_ended');

	#onVisibility = () => {
		if (document.visibilityState === 'visible') {
			void this.#keepAwake();
		} else if (this.#o.endWhenHidden) {
			this.#end('hidden');
		} else if (this.#recorder.state === 'recording') {
			this.#recorder.requestData();
		}
	};

	#onPageHide = () => this.#end('hidden');

	async #keepAwake(): Promise<void> {
		// Not everywhere, and refused on a low battery: recording goes on without it.
		const lock = await navigator.wakeLock?.request('screen').catch(() => null);
		if (this.#ended) await lock?.release();
		else this.#wakeLock = lock ?? null;
	}
}
