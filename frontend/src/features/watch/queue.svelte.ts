import { api, data, type Schemas } from '../../api/client.ts';

/** The team's videos that wait for a manager, walked one by one. */
export class Queue {
	next = $state.raw<Schemas['VideoDTO']>();
	/** Nothing waits any more. */
	done = $state(false);
	#buffer: HTMLVideoElement | undefined;

	/** Asks what waits besides `current`, and begins to load it: the next one shall start at once. */
	async look(current: string, seen: ReadonlySet<string>): Promise<void> {
		try {
			const { to_watch } = await data(api.GET('/api/v1/home'));
			const at = to_watch.findIndex(({ id }) => id === current);
			const order = [...to_watch.slice(at + 1), ...to_watch.slice(0, Math.max(at, 0))];
			this.next = order.find(({ id, media }) => id !== current && !seen.has(id) && media.progressive);
			this.done = this.next === undefined;
		} catch {
			return; // the way back to the team is there without it
		}
		const media = this.next?.media;
		if (!media?.progressive) return;
		if (media.poster) new Image().src = media.poster;
		this.#buffer = document.createElement('video');
		this.#buffer.preload = 'auto';
		this.#buffer.muted = true;
		this.#buffer.src = media.progressive;
	}

	/** Stops loading ahead. */
	end(): void {
		this.#buffer?.removeAttribute('src');
		this.#buffer?.load();
		this.#buffer = undefined;
	}
}

const name = 'fieldreel.queue';

/** The videos that were gone through in this window, so that one passed by does not come again at once. */
export function passed(id?: string): ReadonlySet<string> {
	try {
		const seen = new Set(JSON.parse(sessionStorage.getItem(name) ?? '[]') as string[]);
		if (id) sessionStorage.setItem(name, JSON.stringify([...seen.add(id)].slice(-200)));
		return seen;
	} catch {
		return new Set(id ? [id] : []);
	}
}
