import { asProblem, type Problem } from './problem.ts';

/** Something that a screen loads: what there is of it, whether more comes, and what went wrong. */
export interface Resource<T> {
	readonly value: T | undefined;
	readonly problem: Problem | undefined;
	readonly loading: boolean;
	/** Loads again, keeping what is shown until the answer comes. */
	refresh(): Promise<void>;
	/** Changes what is shown, before or without the server: an optimistic write. */
	set(value: T): void;
}

/**
 * Loads when the component starts and whenever what `load` reads before its first await changes; an answer that
 * has been overtaken is dropped. `load` gets a signal that ends with it.
 */
export function resource<T>(load: (signal: AbortSignal) => Promise<T>): Resource<T> {
	let value = $state.raw<T>();
	let problem = $state.raw<Problem>();
	let loading = $state(true);
	let running: AbortController | undefined;
	let gone = false;

	async function follow(promise: Promise<T>, own: AbortController): Promise<void> {
		try {
			const answer = await promise;
			if (running === own) [value, problem] = [answer, undefined];
		} catch (thrown) {
			if (running === own && !own.signal.aborted) problem = asProblem(thrown);
		} finally {
			if (running === own) loading = false;
		}
	}
	async function start(): Promise<void> {
		running?.abort();
		// What somebody did may end after its screen has gone; `load` would then read what is no longer there.
		if (gone) return;
		const own = new AbortController();
		running = own;
		loading = true;
		return follow(load(own.signal), own);
	}
	$effect(() => {
		void start();
		return () => running?.abort();
	});
	$effect(() => () => {
		gone = true;
	});
	return {
		get value() {
			return value;
		},
		get problem() {
			return problem;
		},
		get loading() {
			return loading;
		},
		refresh: start,
		set(next: T) {
			value = next;
		},
	};
}

/** A list that is loaded page by page. */
export interface Pages<T> extends Omit<Resource<T[]>, 'value' | 'set'> {
	readonly items: T[];
	readonly more: boolean;
	loadMore(): Promise<void>;
	/** Changes the items that are shown. */
	update(change: (items: T[]) => T[]): void;
}

/** Loads a list by cursor; begins anew whenever what `load` reads before its first await changes. */
export function pages<T>(
	load: (cursor: string | undefined, signal: AbortSignal) => Promise<{ items: T[]; next_cursor?: string }>,
): Pages<T> {
	let items = $state.raw<T[]>([]);
	let cursor = $state<string>();
	let adding = $state(false);
	let failed = $state.raw<Problem>();
	const first = resource(async (signal) => {
		const page = await load(undefined, signal);
		items = page.items;
		cursor = page.next_cursor || undefined;
		failed = undefined;
		return page;
	});
	return {
		get items() {
			return items;
		},
		get problem() {
			return first.problem ?? failed;
		},
		get loading() {
			return first.loading || adding;
		},
		get more() {
			return cursor !== undefined;
		},
		refresh: first.refresh,
		async loadMore() {
			if (cursor === undefined || adding) return;
			adding = true;
			try {
				const page = await load(cursor, new AbortController().signal);
				items = [...items, ...page.items];
				cursor = page.next_cursor || undefined;
				failed = undefined;
			} catch (thrown) {
				failed = asProblem(thrown);
			} finally {
				adding = false;
			}
		},
		update(change) {
			items = change(items);
		},
	};
}
