/** A short word about what just happened, with what takes it back. */
export interface Toast {
	readonly id: number;
	readonly words: string;
	readonly kind: 'done' | 'problem';
	readonly action?: { readonly label: string; readonly run: () => unknown };
}

class Toasts {
	list = $state<Toast[]>([]);
	#next = 1;

	/**
	 * Says it for six seconds, twelve where something can be undone: reading and reaching take time. It takes the place
	 * of what was only said before: what has been done since is what counts, and a pile would hide the page.
	 */
	say(words: string, options: { kind?: Toast['kind']; action?: Toast['action'] } = {}): void {
		const toast: Toast = {
			id: this.#next++,
			words,
			kind: options.kind ?? 'done',
			...(options.action ? { action: options.action } : {}),
		};
		const stays = this.list.filter(({ kind, action }) => action || kind === 'problem');
		this.list = [...stays.slice(-2), toast];
		setTimeout(() => this.drop(toast.id), options.action ? 12_000 : 6_000);
	}

	drop(id: number): void {
		this.list = this.list.filter((toast) => toast.id !== id);
	}
}

export const toasts = new Toasts();
