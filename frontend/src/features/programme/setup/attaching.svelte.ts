import { newId } from '../../../api/id.ts';
import { asProblem } from '../../../api/problem.ts';
import { restEn as rest } from './rest.en.ts';
import { type Kept, mostFiles, refusal, sendFile, titleOf } from './sending.ts';

/** A file on its way into the set-up, or one that did not get there. */
export interface Coming {
	/** Also that of the file on the server. */
	readonly id: string;
	readonly name: string;
	/** 0 to 1. */
	share: number;
	/** Why it is not on its way any more. */
	problem: string;
	/** Whether it may work the next time. */
	again: boolean;
}

type Send = typeof sendFile;

/** Brings files to the server, one after the other, and tells of each that has arrived. */
export class Attaching {
	coming = $state<Coming[]>([]);
	readonly #files = new Map<string, { file: File; control: AbortController }>();
	readonly #programme: string;
	readonly #arrived: (file: Kept, title: string) => void;
	readonly #send: Send;
	#running = false;

	constructor(programme: string, arrived: (file: Kept, title: string) => void, send: Send = sendFile) {
		this.#programme = programme;
		this.#arrived = arrived;
		this.#send = send;
	}

	/** Some are still on their way. */
	get busy(): boolean {
		return this.coming.some((one) => one.problem === '');
	}

	/** Takes files up; `attached` is how many the set-up has already. */
	take(files: Iterable<File>, attached: number): void {
		let n = attached + this.coming.filter((one) => one.problem === '' || one.again).length;
		for (const file of files) {
			const id = newId();
			const problem = refusal(file) || (n >= mostFiles ? rest.attachments.tooMany : '');
			if (!problem) n++;
			this.#files.set(id, { file, control: new AbortController() });
			this.coming.push({ id, name: file.name, share: 0, problem, again: false });
		}
		void this.#run();
	}

	/** Sends one again that failed; the server knows it by its id. */
	retry(id: string): void {
		const one = this.coming.find((other) => other.id === id);
		if (!one) return;
		Object.assign(one, { share: 0, problem: '', again: false });
		void this.#run();
	}

	/** Forgets one, on its way or not. */
	drop(id: string): void {
		this.#files.get(id)?.control.abort();
		this.#files.delete(id);
		this.coming = this.coming.filter((one) => one.id !== id);
	}

	/** Breaks all off: the page is left. */
	stop(): void {
		for (const { id } of this.coming) this.drop(id);
	}

	async #run(): Promise<void> {
		if (this.#running) return;
		this.#running = true;
		for (let next = this.#next(); next; next = this.#next()) await this.#one(next);
		this.#running = false;
	}

	#next(): Coming | undefined {
		return this.coming.find((one) => one.problem === '');
	}

	async #one(one: Coming): Promise<void> {
		const held = this.#files.get(one.id);
		if (!held) return this.drop(one.id);
		const sent = (share: number) => {
			one.share = share;
		};
		try {
			const kept = await this.#send(this.#programme, one.id, held.file, { sent, signal: held.control.signal });
			if (!this.#files.has(one.id)) return; // dropped as it arrived
			this.drop(one.id);
			this.#arrived(kept, titleOf(one.name));
		} catch (thrown) {
			if (held.control.signal.aborted) return;
			const problem = asProblem(thrown);
			one.problem = problem.message;
			one.again = problem.offline || problem.status >= 500 || problem.status === 400;
		}
	}
}
