import { onDestroy } from 'svelte';
import { type Preview, preview } from './calls.ts';
import { restEn as rest } from './rest.en.ts';
import type { Rule, Setup } from './setup.ts';

/** Who may not see a video of the set-up. */
export type Unseen = Preview['cannot_see'][number];

/** The videos of a set-up, each with what it is called in a sentence. */
export function videosOf(setup: Pick<Setup, 'model' | 'attachments'>): { id: string; what: string }[] {
	const out: { id: string; what: string }[] = setup.model
		? [{ id: setup.model.video_id, what: rest.unseen.model }]
		: [];
	for (const { video_id, title } of setup.attachments)
		if (video_id && !out.some((one) => one.id === video_id))
			out.push({ id: video_id, what: rest.unseen.attached(title) });
	return out;
}

/** Asks who of the participants may not see which video: when either changes, and when one comes back to the page. */
export class Seen {
	/** Who takes part by the rules; undefined while nobody knows. */
	count = $state<number>();
	#unseen = $state.raw<readonly Unseen[]>([]);

	constructor(setup: () => Setup) {
		let returned = $state(0);
		const back = () => document.visibilityState === 'visible' && returned++;
		document.addEventListener('visibilitychange', back);
		onDestroy(() => document.removeEventListener('visibilitychange', back));
		// As a text, so that what is typed elsewhere asks for nothing.
		const asked = $derived(JSON.stringify([setup().rules, videosOf(setup()).map((one) => one.id)]));
		$effect(() => {
			void returned;
			const [rules, videos] = JSON.parse(asked) as [Rule[], string[]];
			if (rules.length === 0 || videos.length === 0 || rules.some((rule) => rule.new_within_days === null)) {
				this.count = undefined;
				this.#unseen = [];
				return;
			}
			const control = new AbortController();
			const timer = setTimeout(() => void this.#ask(rules, videos, control.signal), 300);
			return () => {
				clearTimeout(timer);
				control.abort();
			};
		});
	}

	/** Who may not see this video; undefined where all may, or nobody knows yet. */
	of(video: string): Unseen | undefined {
		return this.#unseen.find((one) => one.video_id === video);
	}

	async #ask(rules: Rule[], videos: string[], signal: AbortSignal): Promise<void> {
		try {
			const answer = await preview(rules, { kind: 'manager', person_ids: [] }, videos, signal);
			[this.count, this.#unseen] = [answer.count, answer.cannot_see];
		} catch {
			// Advice beside the set-up: where it fails, who takes part says so.
			if (!signal.aborted) this.count = undefined;
		}
	}
}
