/** Shorter differences are no frames but two reports of one. */
const shortest = 1 / 125;
const longest = 1 / 10;

/**
 * Learns from the times of the frames that were shown how long one is, so that a step is a step at 24, 25 and 60 frames a
 * second, too. A busy machine leaves frames out: the shortest difference is the frame.
 */
export class FrameLength {
	/** Milliseconds; 30 a second until something was seen. */
	ms = 1000 / 30;
	#last = Number.NaN;
	#least = Number.POSITIVE_INFINITY;

	/** A frame of this time, in seconds, is shown. */
	saw(time: number): void {
		const step = time - this.#last;
		this.#last = time;
		if (!(step >= shortest && step <= longest) || step >= this.#least) return;
		this.#least = step;
		this.ms = step * 1000;
	}
}
