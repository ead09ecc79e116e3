import { asProblem, type Problem } from './problem.ts';

/** Something that a button or form does: runs once at a time, and keeps what went wrong for the form to show. */
export class Action {
	busy = $state(false);
	problem = $state.raw<Problem>();

	/** The message for one field of the form, or undefined. */
	field(name: string): string | undefined {
		return this.problem?.fields[name];
	}

	/** What to say above the form: a problem that no field shows. */
	get general(): Problem | undefined {
		return this.problem && Object.keys(this.problem.fields).length === 0 ? this.problem : undefined;
	}

	/** Runs `act` unless it runs already; true when it succeeded. */
	async run(act: () => Promise<unknown>): Promise<boolean> {
		if (this.busy) return false;
		this.busy = true;
		this.problem = undefined;
		try {
			await act();
			return true;
		} catch (thrown) {
			this.problem = asProblem(thrown);
			return false;
		} finally {
			this.busy = false;
		}
	}
}
