/** A word about the review before, said beside the next one: a toast would lie on what decides it. */
class Passing {
	words = $state('');
	#timer: ReturnType<typeof setTimeout> | undefined;

	say(words: string): void {
		this.words = words;
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.words = '';
		}, 6000);
	}
}

export const passing = new Passing();
