import { untrack } from 'svelte';
import { session } from '../../api/me.svelte.ts';
import { outbox } from '../../recorder/phone.ts';
import type { Take } from '../../recorder/state.ts';
import { Answers } from './answers.ts';

const ownerKey = 'fieldreel.owner';

/** Who used this phone last: the camera must open in a basement, where the server cannot say who we are. */
function remembered(): string | null {
	try {
		return localStorage.getItem(ownerKey);
	} catch {
		return null; // storage is switched off
	}
}
function remember(owner: string | null): void {
	try {
		if (owner === null) localStorage.removeItem(ownerKey);
		else localStorage.setItem(ownerKey, owner);
	} catch {
		// It is asked of the server then.
	}
}

export { outbox };
export const answers = new Answers();

/** The takes on this phone, as screens follow them. */
class Takes {
	list = $state.raw<readonly Take[]>([]);
	/** Somebody is known to record for, even without a network. */
	owner = $state<string | null>(remembered());

	constructor() {
		outbox.subscribe((takes) => {
			this.list = takes;
			answers.follow(takes);
		});
		$effect.root(() => {
			$effect(() => {
				const owner = session.state === 'in' ? session.id : session.state === 'out' ? null : remembered();
				untrack(() => this.#open(owner));
			});
		});
	}

	#open(owner: string | null): void {
		this.owner = owner;
		if (session.state !== 'unknown') remember(owner);
		void outbox.open(owner);
	}

	find(id: string): Take | undefined {
		return this.list.find((take) => take.id === id);
	}
}

export const takes = new Takes();
