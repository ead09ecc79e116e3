import { live } from '../../api/live.svelte.ts';
import { type Resource, resource } from '../../api/resource.svelte.ts';
import type { Take } from '../../recorder/state.ts';
import { enrolment } from './calls.ts';
import { unsettled } from './standing.ts';
import type { EnrolmentFull } from './types.ts';

/** Counts come by the live events; should one be lost, they are asked for. */
const every = 5_000;

/** One's part in a programme, as it changes: takes that are on their way, counts that come, time that runs out. */
export class Taking {
	readonly it: Resource<EnrolmentFull>;
	/** Takes for it that are on this phone, and not yet on the server. */
	underway = $state.raw<readonly Take[]>([]);
	/** The time, by the second while something runs out. */
	now = $state(Date.now());

	constructor(id: () => string) {
		this.it = resource((signal) => enrolment(id(), signal));
		const busy = () => this.underway.length > 0 || (this.it.value !== undefined && unsettled(this.it.value));
		$effect(() =>
			live.follow({
				ask: this.it.refresh,
				needed: busy,
				told: this.it.refresh, // a result has come
				changed: (change) => {
					const known = this.it.value?.practices.some(({ video }) => video.id === change.id);
					if (known || busy()) void this.it.refresh();
				},
			}),
		);
		$effect(() => {
			if (!busy()) return;
			const timer = setInterval(() => document.visibilityState === 'visible' && void this.it.refresh(), every);
			return () => clearInterval(timer);
		});
		$effect(() => {
			const until = this.it.value?.waiting?.swap_until;
			const running = until !== undefined && Date.parse(until) > Date.now();
			const timer = setInterval(() => (this.now = Date.now()), running ? 1000 : 30_000);
			return () => clearInterval(timer);
		});
		$effect(() => this.#follow(id()));
	}

	/** Follows the takes on this phone; what sends them may not have come yet. */
	#follow(id: string): () => void {
		let ended = false;
		let end = () => {};
		const begin = async () => {
			try {
				const { outbox } = await import('../../recorder/phone.ts');
				if (!ended) end = outbox.subscribe((takes) => this.#see(takes.filter((take) => take.purpose?.for === id)));
			} catch {
				// Without a network nothing is sent either; the list says what is on the server.
			}
		};
		void begin();
		return () => {
			ended = true;
			end();
		};
	}

	#see(takes: readonly Take[]): void {
		const before = this.underway;
		this.underway = takes.filter((take) => take.phase !== 'sent');
		if (before.length > this.underway.length) void this.it.refresh();
	}
}
