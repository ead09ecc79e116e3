import { asProblem, Problem } from '../../api/problem.ts';
import { type Answer, changes, columnsOf, type Report } from './answer.ts';
import { en } from './en.ts';
import { refusal, send } from './send.ts';

/** One file on its way in: chosen, checked by a dry run, asked about, imported. The file stays in hand throughout. */
export class Importing {
	file = $state.raw<File>();
	/** Why the file was not even sent. */
	refused = $state('');
	/** What the dry run said. */
	answer = $state.raw<Answer>();
	/** What the import did. */
	done = $state.raw<Report>();
	problem = $state.raw<Problem>();
	busy = $state<'' | 'checking' | 'importing'>('');
	/** How much of the file has left, 0 to 1. */
	sent = $state(0);
	/** What the person said about the file. */
	preset = $state('');
	order = $state('');
	mapping = $state.raw<Readonly<Record<string, string>>>({});
	/** Something was said after the last dry run. */
	stale = $state(false);

	readonly #send: typeof send;
	#running: AbortController | undefined;

	constructor(how: typeof send = send) {
		this.#send = how;
	}

	/** Takes a file and checks it. */
	async pick(file: File): Promise<void> {
		this.forget();
		this.file = file;
		this.refused = refusal(file);
		if (!this.refused) await this.check();
	}

	/** Goes back to the beginning. */
	forget(): void {
		this.#running?.abort();
		this.file = this.answer = this.done = this.problem = undefined;
		this.refused = this.preset = this.order = this.busy = '';
		this.mapping = {};
		this.stale = false;
	}

	/** Breaks off what is under way. */
	stop(): void {
		this.#running?.abort();
	}

	/** Says which column a field is; "" that there is none. */
	map(field: string, column: string): void {
		this.mapping = { ...this.mapping, [field]: column };
		this.stale = true;
	}

	/** Says whose export it is, or how dates are written; "" lets it be recognised. */
	say(what: { preset?: string; order?: string }): void {
		// Another CRM has other columns: what was said about them is of the one before.
		if (what.preset !== undefined) [this.preset, this.mapping] = [what.preset, {}];
		if (what.order !== undefined) this.order = what.order;
		this.stale = true;
	}

	/** The column that a field is read from, as far as anybody knows. */
	column(field: string): string {
		const known =
			this.answer?.kind === 'report'
				? this.answer.report.mapping
				: this.answer?.kind === 'columns'
					? this.answer.suggestions
					: {};
		return this.mapping[field] ?? known[field] ?? '';
	}

	/** The columns to choose from. */
	get columns(): readonly { name: string; samples: readonly string[] }[] {
		if (this.answer?.kind === 'columns') return this.answer.columns;
		return this.answer?.kind === 'report' ? columnsOf(this.answer.report).map((name) => ({ name, samples: [] })) : [];
	}

	/** Whether there is something to import as it was checked. */
	get ready(): boolean {
		return this.answer?.kind === 'report' && !this.stale && this.busy === '' && changes(this.answer.report) > 0;
	}

	/** A dry run. */
	async check(): Promise<void> {
		// What was only suggested becomes an answer as soon as the person goes on with it.
		if (this.answer?.kind === 'columns') this.mapping = { ...this.answer.suggestions, ...this.mapping };
		const answer = await this.#run('checking', true);
		if (!answer) return;
		this.answer = answer;
		this.stale = false;
	}

	/** The import itself. */
	async run(): Promise<void> {
		if (!this.ready) return;
		const answer = await this.#run('importing', false);
		if (answer?.kind === 'report') this.done = answer.report;
		else if (answer) this.answer = answer; // the file says something else than a minute ago
	}

	async #run(how: 'checking' | 'importing', dryRun: boolean): Promise<Answer | undefined> {
		const { file } = this;
		if (!file || this.busy) return;
		const own = new AbortController();
		this.#running = own;
		this.busy = how;
		this.sent = 0;
		this.problem = undefined;
		try {
			const options = { dryRun, preset: this.preset, dateOrder: this.order, mapping: this.mapping };
			return await this.#send(file, options, { sent: (share) => (this.sent = share), signal: own.signal });
		} catch (thrown) {
			if (!own.signal.aborted) {
				const problem = asProblem(thrown);
				this.problem = problem.code === 'offline' ? new Problem(0, 'offline', en.refused.offline) : problem;
			}
			return;
		} finally {
			if (this.#running === own) this.busy = '';
		}
	}
}
