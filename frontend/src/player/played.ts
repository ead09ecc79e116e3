/** A stretch that was really played without a break. */
export interface Range {
	readonly from_ms: number;
	readonly to_ms: number;
}

/** What a player shows at a moment: where it stands, when, and whether it moves. */
export interface Sample {
	readonly at_ms: number;
	/** Of a clock that goes on evenly. */
	readonly clock_ms: number;
	readonly rate: number;
	readonly playing: boolean;
}

/** How far a player may run from the clock between two samples: decoding stutters, and reports come late. */
const slack = 750;
/** Shorter stretches are the flicker of seeking, not watching. */
const least = 200;

/**
 * Follows a player by samples and tells which ranges were played. Between two samples the position must have moved as
 * the clock and the speed say: who jumps ahead has not seen what lies between, and a computer that slept has played nothing.
 */
export class Played {
	#from: number | undefined;
	#last: Sample | undefined;
	#done: Range[] = [];

	sample(sample: Sample): void {
		const last = this.#last;
		if (last?.playing && this.#from !== undefined) {
			const moved = sample.at_ms - last.at_ms;
			const expected = (sample.clock_ms - last.clock_ms) * last.rate;
			// Waiting for bytes moves less than the clock, which is no jump; moving back, or more than the clock, is one.
			if (moved >= 0 && moved <= expected + slack) this.#last = { ...last, at_ms: sample.at_ms };
			else this.#close();
		}
		if (!sample.playing) this.#close();
		else this.#from ??= sample.at_ms;
		this.#last = sample;
	}

	/** Hands over what was played since the last time; a range under way is cut here and goes on in the next. */
	take(): Range[] {
		const last = this.#last;
		const going = last?.playing ?? false;
		this.#close();
		if (going && last) this.#from = last.at_ms;
		return this.#done.splice(0);
	}

	#close(): void {
		if (this.#from !== undefined && this.#last) {
			const range = { from_ms: Math.round(this.#from), to_ms: Math.round(this.#last.at_ms) };
			if (range.to_ms - range.from_ms >= least) this.#done.push(range);
		}
		this.#from = undefined;
	}
}
