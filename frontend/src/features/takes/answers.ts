import { asProblem } from '../../api/problem.ts';
import type { Take } from '../../recorder/state.ts';
import { type Audience, answer, widenAndAnswer } from '../../reel/answering.ts';
import { en as reel } from '../../reel/en.ts';
import { toasts } from '../../ui/toast.svelte.ts';

/** What a take is the answer to. */
export interface Asked {
	readonly id: string;
	/** Who asked. */
	readonly name: string;
	readonly text: string;
}

const key = 'fieldreel.answers';

/**
 * Takes that answer an ask, by their ids: a take may arrive after a reload, so they are kept on this phone. What is
 * lost with them is only the answer's being given by itself: the ask then still waits on the home screen.
 */
export class Answers {
	readonly #answer: typeof answer;
	#waiting: Record<string, Asked>;

	constructor(give = answer) {
		this.#answer = give;
		this.#waiting = kept();
	}

	/** From now on, this take answers: once it has arrived and its audience is told. */
	expect(take: string, asked: Asked): void {
		this.#keep({ ...this.#waiting, [take]: asked });
	}

	/** Looks which takes have arrived, and answers with them. */
	follow(takes: readonly Take[]): void {
		for (const take of takes) {
			const asked = this.#waiting[take.id];
			if (!asked || take.phase !== 'sent' || take.videoId === null || take.details !== null) continue;
			const { [take.id]: _, ...others } = this.#waiting;
			this.#keep(others);
			void this.#give(asked, take.videoId, take.title);
		}
	}

	async #give(asked: Asked, video: string, title: string): Promise<void> {
		try {
			const wider = await this.#answer(asked.id, video);
			if (wider) this.#offer(asked, video, title, wider);
			else toasts.say(reel.answer.done(asked.name));
		} catch (thrown) {
			toasts.say(asProblem(thrown).message, {
				kind: 'problem',
				action: { label: reel.answer.again, run: () => this.#give(asked, video, title) },
			});
		}
	}

	#offer(asked: Asked, video: string, title: string, wider: Audience): void {
		const widen = async () => {
			try {
				await widenAndAnswer(asked.id, video, wider);
				toasts.say(reel.answer.done(asked.name));
			} catch (thrown) {
				toasts.say(asProblem(thrown).message, { kind: 'problem', action: { label: reel.answer.again, run: widen } });
			}
		};
		toasts.say(reel.answer.blind(asked.name, title), {
			action: { label: reel.answer.widen(reel.answer.audience[wider]), run: widen },
		});
	}

	#keep(waiting: Record<string, Asked>): void {
		this.#waiting = waiting;
		try {
			localStorage.setItem(key, JSON.stringify(waiting));
		} catch {
			// It is answered as long as the page stays open.
		}
	}
}

function kept(): Record<string, Asked> {
	try {
		const read: unknown = JSON.parse(localStorage.getItem(key) ?? '{}');
		return typeof read === 'object' && read !== null ? (read as Record<string, Asked>) : {};
	} catch {
		return {};
	}
}
