/**
 * Keeps the line that is said in view for whoever reads along, and leaves alone whoever scrolled away. On a wide window
 * the transcript scrolls in its own box; on a phone the page does, and only once the video is pinned: before, the
 * person looks at the video.
 */
export class Reading {
	following = $state(true);
	/** The line that is said is out of sight. */
	away = $state(false);
	#list: () => HTMLElement | undefined;
	#line = -1;
	#settled: ReturnType<typeof setTimeout> | undefined;

	constructor(list: () => HTMLElement | undefined) {
		this.#list = list;
	}

	/** Watches what the person scrolls; gives the function that ends it. */
	listen(): () => void {
		const box = this.#box;
		const target: EventTarget = box ?? window;
		// Once scrolling rests, the line in sight means reading along, out of sight means away.
		const scrolled = () => {
			clearTimeout(this.#settled);
			this.#settled = setTimeout(() => {
				const seen = this.#inSight();
				this.away = !seen;
				this.following = seen;
			}, 180);
		};
		target.addEventListener('scroll', scrolled, { passive: true });
		return () => {
			clearTimeout(this.#settled);
			target.removeEventListener('scroll', scrolled);
		};
	}

	/** A line is being said. */
	said(line: number, pinned: boolean): void {
		if (line === this.#line) return;
		this.#line = line;
		if (this.following && (this.#box || pinned)) this.#show();
		else this.away = !this.#inSight() && (pinned || this.#box !== undefined);
	}

	/** Goes to the line that is said, and follows again. */
	back(line: number): void {
		this.#line = line;
		this.following = true;
		this.#show();
	}

	get #element(): HTMLElement | null | undefined {
		return this.#list()?.querySelector<HTMLElement>(`[data-line="${this.#line}"]`);
	}

	/** The box that scrolls by itself, where there is one. */
	get #box(): HTMLElement | undefined {
		const box = this.#list()?.closest<HTMLElement>('[data-scroll]');
		return box && getComputedStyle(box).overflowY === 'auto' ? box : undefined;
	}

	/** What of the window, or of the box, is free to read. */
	get #view(): { top: number; bottom: number } {
		const box = this.#box?.getBoundingClientRect();
		if (box) return { top: box.top, bottom: box.bottom };
		const pinned = document.querySelector('[data-pinned]')?.getBoundingClientRect();
		return { top: pinned?.bottom ?? 0, bottom: innerHeight - 64 };
	}

	#inSight(): boolean {
		const line = this.#element?.getBoundingClientRect();
		if (!line) return true;
		const { top, bottom } = this.#view;
		return line.bottom > top && line.top < bottom;
	}

	#show(): void {
		const line = this.#element?.getBoundingClientRect();
		if (!line) return;
		const { top, bottom } = this.#view;
		const by = line.top - top - (bottom - top) * 0.3;
		const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
		(this.#box ?? window).scrollBy({ top: by, behavior });
		this.away = false;
	}
}
