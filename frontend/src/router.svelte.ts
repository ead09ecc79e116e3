import { type Component, untrack } from 'svelte';

// A small typed router over the History API: a table of patterns, each with the screen's own chunk.

type Params<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
	? { [K in Name | keyof Params<Rest>]: string }
	: P extends `${string}:${infer Name}`
		? { [K in Name]: string }
		: Record<never, string>;

type Screen = { default: Component<Record<string, string>> };

/** One address of the client and what is shown there. */
export interface Route {
	readonly pattern: string;
	/** Shown without a session. */
	readonly open: boolean;
	/** Shown without the shell's navigation: the camera and the doors. */
	readonly bare: boolean;
	readonly load: () => Promise<Screen>;
	readonly match: (path: string) => Record<string, string> | undefined;
}

/** Makes a route. The screen's props are the pattern's parameters, which the compiler checks. */
export function route<P extends string>(
	pattern: P,
	load: () => Promise<{ default: Component<Params<P>> }>,
	options: { open?: boolean; bare?: boolean } = {},
): Route {
	const parts = pattern.split('/');
	return {
		pattern,
		open: options.open ?? false,
		bare: options.bare ?? false,
		load: load as unknown as Route['load'],
		match(path) {
			const given = path.split('/');
			if (given.length !== parts.length) return;
			const params: Record<string, string> = {};
			for (const [i, part] of parts.entries()) {
				const value = given[i] ?? '';
				if (part.startsWith(':')) {
					if (value === '') return;
					params[part.slice(1)] = value;
				} else if (part !== value) return;
			}
			return params;
		},
	};
}

/** Finds the route of a path, with the parameters decoded. */
export function find(
	routes: readonly Route[],
	path: string,
): { route: Route; params: Record<string, string> } | undefined {
	for (const candidate of routes) {
		const params = candidate.match(path);
		if (!params) continue;
		try {
			return {
				route: candidate,
				params: Object.fromEntries(Object.entries(params).map(([k, v]) => [k, decodeURIComponent(v)])),
			};
		} catch {
			return; // a broken escape names no page
		}
	}
	return;
}

/** Where we are. */
class Place {
	url = $state.raw(new URL(location.href));
	/** Counts moves to another page, for what has to happen then: focus, scrolling. */
	moves = $state(0);

	get path(): string {
		return this.url.pathname;
	}

	/** A parameter of the address, such as a filter; "" where it is not given. */
	query(name: string): string {
		return this.url.searchParams.get(name) ?? '';
	}

	/** All values of a parameter that may come more than once. */
	queries(name: string): string[] {
		return this.url.searchParams.getAll(name);
	}
}

export const place = new Place();

/** Asked before a page is left; false keeps it. The camera asks while it records. */
let guard: (() => boolean) | undefined;

/** Sets the question that is asked before leaving, and gives the function that takes it back. */
export function beforeLeaving(ask: () => boolean): () => void {
	guard = ask;
	return () => {
		if (guard === ask) guard = undefined;
	};
}

function arrive(url: URL): void {
	const other = url.pathname !== untrack(() => place.path);
	place.url = url;
	if (other) place.moves = untrack(() => place.moves) + 1;
}

/** Goes to an address of the client. `replace` leaves no step behind for Back. */
export function go(to: string, { replace = false } = {}): void {
	// An effect that goes somewhere must not be one of where we are: it would run for ever.
	const from = untrack(() => place.url);
	const url = new URL(to, from);
	if (url.pathname !== from.pathname && guard && !guard()) return;
	const position = { y: scrollY };
	history.replaceState(position, '');
	if (replace) history.replaceState({}, '', url);
	else history.pushState({}, '', url);
	arrive(url);
}

/** Goes one step back, or to `fallback` where the client was opened at this very page. */
export function back(fallback = '/'): void {
	if (place.moves > 0) history.back();
	else go(fallback, { replace: true });
}

/** Changes parameters of the address in place: "" or no values take one out. Filters live there, so that they can be sent and kept. */
export function setQuery(values: Readonly<Record<string, string | readonly string[]>>): void {
	const url = new URL(place.url);
	for (const [name, value] of Object.entries(values)) {
		url.searchParams.delete(name);
		for (const one of typeof value === 'string' ? [value] : value) if (one !== '') url.searchParams.append(name, one);
	}
	history.replaceState(history.state, '', url);
	place.url = url;
}

/** Listens to Back, Forward and every plain click on a link of ours; gives the function that ends it. */
export function startRouter(): () => void {
	const onPop = () => {
		if (guard && location.pathname !== place.path && !guard()) {
			history.pushState({}, '', place.url); // stay
			return;
		}
		arrive(new URL(location.href));
	};
	const onClick = (event: MouseEvent) => {
		if (
			event.defaultPrevented ||
			event.button !== 0 ||
			event.metaKey ||
			event.ctrlKey ||
			event.shiftKey ||
			event.altKey
		)
			return;
		const link = (event.target as Element | null)?.closest('a');
		if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
		if (/^\/(api|media)\//.test(link.pathname)) return;
		if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
		event.preventDefault();
		go(link.href);
	};
	addEventListener('popstate', onPop);
	document.addEventListener('click', onClick);
	return () => {
		removeEventListener('popstate', onPop);
		document.removeEventListener('click', onClick);
	};
}
