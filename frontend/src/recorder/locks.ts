/** One sender per take: two tabs on one phone must not send the same take at once. */
export interface Locks {
	/**
	 * Runs work while holding the take's lock. Says waiting when another tab holds it, and goes on when that tab ends.
	 * Rejects with the signal's reason if it is aborted before work began.
	 */
	hold(id: string, signal: AbortSignal, waiting: () => void, work: () => Promise<void>): Promise<void>;
}

/**
 * Web Locks, which end with their tab. Without them (an old browser) the server's own lock still keeps the bytes in
 * order; two tabs would only disturb each other.
 */
export function webLocks(manager: LockManager | undefined = globalThis.navigator?.locks): Locks {
	return {
		async hold(id, signal, waiting, work) {
			if (!manager) return work();
			const name = `fieldreel-take-${id}`;
			let mine = false;
			await manager.request(name, { ifAvailable: true }, async (lock) => {
				mine = lock !== null;
				if (mine) await work();
			});
			if (mine) return;
			waiting();
			await manager.request(name, { signal }, work);
		},
	};
}
