/**
 * Brings a part of a screen: `{#await part(() => import('./Facts.svelte')) then { default: Facts }}`. Without a network
 * it is tried again until there is one: the screen goes on without the part meanwhile.
 */
export async function part<T>(load: () => Promise<T>): Promise<T> {
	for (let ms = 1000; ; ms = Math.min(2 * ms, 60_000)) {
		try {
			return await load();
		} catch {
			await new Promise((resolve) => setTimeout(resolve, ms));
		}
	}
}
