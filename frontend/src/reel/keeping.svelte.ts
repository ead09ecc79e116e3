import { api, data } from '../api/client.ts';
import { newId } from '../api/id.ts';
import { asProblem, type Problem } from '../api/problem.ts';

interface Kept {
	readonly video_id: string;
	readonly start_ms: number;
	readonly end_ms: number;
	readonly save_id: string | undefined;
}

/** Whether a person keeps a moment. What they pressed shows at once; what the server refuses goes back. */
export class Keeping {
	#given: () => Kept;
	/** What was pressed here, until the moment becomes another; undefined while nothing was. */
	#pressed = $state.raw<{ of: string; id: string | undefined; on: boolean }>();
	#busy = false;
	#attempt = newId();

	constructor(given: () => Kept) {
		this.#given = given;
	}

	get #here() {
		const { video_id, start_ms, end_ms } = this.#given();
		return `${video_id} ${start_ms} ${end_ms}`;
	}

	get #own() {
		return this.#pressed?.of === this.#here ? this.#pressed : undefined;
	}

	/** It is kept. */
	get on(): boolean {
		return this.#own ? this.#own.on : this.#given().save_id !== undefined;
	}

	/** The id of the save, once the server confirmed it. */
	get id(): string | undefined {
		return this.#own ? this.#own.id : this.#given().save_id;
	}

	/** Keeps it, or keeps it no longer; gives what went wrong. A second press while the first is under way does nothing. */
	async toggle(): Promise<Problem | undefined> {
		if (this.#busy) return;
		this.#busy = true;
		const before = { of: this.#here, id: this.id, on: this.on };
		const { video_id, start_ms, end_ms } = this.#given();
		this.#pressed = { ...before, on: !before.on };
		try {
			if (before.id !== undefined) {
				await data(api.DELETE('/api/v1/saves/{id}', { params: { path: { id: before.id } } })).catch(
					(thrown: unknown) => {
						if (!asProblem(thrown).missing) throw thrown; // taken out elsewhere: as wished
					},
				);
				this.#pressed = { of: before.of, id: undefined, on: false };
			} else {
				const body = { id: this.#attempt, video_id, start_ms, end_ms };
				const { id } = await data(api.POST('/api/v1/saves', { body }));
				this.#pressed = { of: before.of, id, on: true };
			}
			this.#attempt = newId();
			return;
		} catch (thrown) {
			this.#pressed = before;
			return asProblem(thrown);
		} finally {
			this.#busy = false;
		}
	}
}
