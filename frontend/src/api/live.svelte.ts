import { api, data } from './client.ts';

/** What the server tells about a video whose processing or description changed. */
export interface VideoChange {
	readonly id: string;
	readonly state: string;
}

type Listener = (change: VideoChange) => void;

/** How long without a sign from the server before we ask it ourselves: proxies may hold event streams back. */
const deafAfter = 12_000;
const pollEvery = 4_000;

/**
 * What happens on the server while somebody looks: changes of videos, and how many notices are unread. It comes by
 * server-sent events; where a proxy breaks those, or the stream is lost, listeners are told to ask again every few seconds.
 */
class Live {
	/** Notices that were not read yet. */
	unread = $state(0);
	/** The stream stands. */
	connected = $state(false);
	#source: EventSource | undefined;
	#listeners = new Set<Listener>();
	#askers = new Set<() => void>();
	#hearers = new Set<() => unknown>();
	#ticks: ReturnType<typeof setInterval> | undefined;
	#heard = 0;

	/** Opens the stream; called after the sign-in. */
	start(): void {
		if (this.#source || typeof EventSource === 'undefined') return;
		const source = new EventSource('/api/v1/events');
		this.#source = source;
		this.#heard = Date.now();
		const heard = () => {
			this.#heard = Date.now();
			this.connected = true;
		};
		source.addEventListener('hello', (event) => {
			heard();
			const told = parse<{ unread?: number }>(event);
			if (told?.unread !== undefined) this.unread = told.unread;
			for (const ask of this.#askers) ask(); // what happened while we were deaf
		});
		source.addEventListener('video', (event) => {
			heard();
			const change = parse<VideoChange>(event);
			if (change) for (const listener of this.#listeners) listener(change);
		});
		source.addEventListener('notice', (event) => {
			heard();
			const told = parse<{ unread: number }>(event);
			if (!told) return;
			const fewer = told.unread < this.unread;
			this.unread = told.unread;
			// As many as before: one came in the place of another, such as a result in that of the one disputed.
			if (!fewer) for (const hear of this.#hearers) hear();
		});
		source.addEventListener('error', () => {
			this.connected = false;
			// A refused stream is closed for good by the browser: we begin anew with the next tick.
			if (source.readyState === EventSource.CLOSED && this.#source === source) this.#source = undefined;
		});
		if (this.#ticks !== undefined) return;
		this.#ticks = setInterval(() => this.#tick(), pollEvery);
		document.addEventListener('visibilitychange', this.#look);
	}

	/** A hidden page hears nothing: browsers have few connections to a host, and every tab would hold one. */
	#look = () => {
		if (document.visibilityState === 'hidden') this.#close();
		else this.start();
	};

	#close(): void {
		this.#source?.close();
		this.#source = undefined;
		this.connected = false;
	}

	/** Closes the stream; called at the sign-out. */
	stop(): void {
		this.#close();
		clearInterval(this.#ticks);
		this.#ticks = undefined;
		document.removeEventListener('visibilitychange', this.#look);
		this.unread = 0;
	}

	/**
	 * Follows videos: `changed` is told of each change, `ask` is called when changes may have been missed, and every
	 * few seconds while the stream is down and `needed` says that something is still under way; `told` when a new notice came. Gives the function that ends it.
	 */
	follow(follower: {
		changed?: Listener;
		ask: () => unknown;
		needed?: () => boolean;
		told?: () => unknown;
	}): () => void {
		const ask = () => void follower.ask();
		const asked = () => {
			if (follower.needed?.() ?? true) ask();
		};
		const { changed, told } = follower;
		if (changed) this.#listeners.add(changed);
		if (told) this.#hearers.add(told);
		this.#askers.add(asked);
		return () => {
			if (changed) this.#listeners.delete(changed);
			if (told) this.#hearers.delete(told);
			this.#askers.delete(asked);
		};
	}

	#tick(): void {
		if (document.visibilityState === 'hidden') return;
		if (!this.#source) this.start();
		if (this.connected || Date.now() - this.#heard < deafAfter) return;
		for (const ask of this.#askers) ask();
		void this.#count();
	}

	async #count(): Promise<void> {
		try {
			this.unread = (await data(api.GET('/api/v1/notices', { params: { query: { limit: 1 } } }))).unread;
		} catch {
			// The next event or tick tells.
		}
	}
}

function parse<T>(event: Event): T | undefined {
	try {
		return JSON.parse((event as MessageEvent<string>).data) as T;
	} catch {
		return;
	}
}

export const live = new Live();
