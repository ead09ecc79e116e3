import type { Locator } from 'playwright-core';

/** How long a condition may take to come true on a busy machine. */
export const patience = 30_000;

type Nothing = undefined | null | false | 0 | '';

/**
 * Asks again and again until the answer is true (anything but undefined, null, false, 0 and ""), and gives it. An ask
 * that throws counts as not yet; the last error is told when time is up.
 */
export async function until<T>(what: string, ask: () => T | Promise<T>, ms = patience): Promise<Exclude<T, Nothing>> {
	const end = performance.now() + ms;
	let last: unknown;
	for (;;) {
		try {
			last = undefined;
			const answer = await ask();
			if (answer) return answer as Exclude<T, Nothing>;
		} catch (thrown) {
			last = thrown;
		}
		if (performance.now() > end) {
			const why = last instanceof Error ? `: ${last.message}` : '';
			throw new Error(`not within ${ms / 1000} s: ${what}${why}`);
		}
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

/** Waits until the element's text matches, and gives the text. */
export async function says(locator: Locator, words: string | RegExp, ms = patience): Promise<string> {
	let text = '';
	const fits = () => (typeof words === 'string' ? text.includes(words) : words.test(text));
	try {
		const ask = async () => {
			// biome-ignore lint/performance/useDomNodeTextContent: what can be seen, without what is hidden
			text = await locator.innerText({ timeout: 1000 });
			return fits();
		};
		await until(`text ${words}`, ask, ms);
		return text;
	} catch (thrown) {
		throw new Error(`${(thrown as Error).message}; it says ${JSON.stringify(text)}`);
	}
}

/** Waits until the element can be seen. */
export async function shows(locator: Locator, ms = patience): Promise<Locator> {
	await locator.waitFor({ state: 'visible', timeout: ms });
	return locator;
}

/** Waits until the element is gone or cannot be seen. */
export async function hides(locator: Locator, ms = patience): Promise<void> {
	await locator.waitFor({ state: 'hidden', timeout: ms });
}
