/** A question before something that cannot be taken back. */
interface Question {
	readonly title: string;
	readonly words: string;
	/** What the button does, in a word: "Delete for good". */
	readonly action: string;
	readonly answer: (yes: boolean) => void;
}

class Confirm {
	question = $state.raw<Question>();
}

export const confirming = new Confirm();

/** Asks, and gives true when the person agrees. What can be undone is not asked about: it gets an undo. */
export function confirm(title: string, words: string, action: string): Promise<boolean> {
	confirming.question?.answer(false);
	return new Promise((resolve) => {
		confirming.question = {
			title,
			words,
			action,
			answer(yes) {
				confirming.question = undefined;
				resolve(yes);
			},
		};
	});
}
