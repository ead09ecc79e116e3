/** How loud the microphone hears: for the meter, and so that nobody talks for two minutes into a dead microphone. */

/** Below this (root mean square of full scale, about -52 dB) is silence: a quiet room is under it, a voice far above. */
const SILENCE = 0.0025;
/** The quietest that the meter shows, in dB below full scale. */
const FLOOR = 54;

/** Turns the samples' root mean square into 0 to 1, as the ear counts: by decibels. */
export function levelOf(rms: number): number {
	if (rms <= 0) return 0;
	return Math.min(1, Math.max(0, 1 + (20 * Math.log10(rms)) / FLOOR));
}

export function rootMeanSquare(samples: Float32Array): number {
	let sum = 0;
	for (const sample of samples) sum += sample * sample;
	return Math.sqrt(sum / Math.max(1, samples.length));
}

/** Says when nothing was heard from the start for a while, and when something is. */
export class SilenceWatch {
	readonly #afterMs: number;
	#since: number | null = null;
	#heard = false;

	constructor(afterMs = 4000) {
		this.#afterMs = afterMs;
	}

	/** Begins anew: a recording has started. */
	restart(): void {
		this.#since = null;
		this.#heard = false;
	}

	/** Takes one measurement; true while there has been no sound for as long as it takes to worry. */
	silent(rms: number, nowMs: number): boolean {
		if (rms > SILENCE) this.#heard = true;
		this.#since ??= nowMs;
		return !this.#heard && nowMs - this.#since >= this.#afterMs;
	}
}

/** Watches the sound of a stream until the returned function is called. */
export function watchLevel(stream: MediaStream, onLevel: (level: number, rms: number) => void): () => void {
	if (stream.getAudioTracks().length === 0 || typeof AudioContext === 'undefined') return () => {};
	const context = new AudioContext();
	const analyser = context.createAnalyser();
	analyser.fftSize = 1024;
	context.createMediaStreamSource(stream).connect(analyser);
	const samples = new Float32Array(analyser.fftSize);
	// Some phones begin suspended until the next touch.
	const resume = () => void context.resume().catch(() => {});
	resume();
	document.addEventListener('pointerdown', resume);
	const timer = setInterval(() => {
		if (context.state !== 'running') return;
		analyser.getFloatTimeDomainData(samples);
		const rms = rootMeanSquare(samples);
		onLevel(levelOf(rms), rms);
	}, 50);
	return () => {
		clearInterval(timer);
		document.removeEventListener('pointerdown', resume);
		void context.close();
	};
}
