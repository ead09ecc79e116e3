import { placeAt } from './reorder.ts';

/** Near an edge of the window the page scrolls along with what is dragged. */
const edge = 72;

/**
 * An item of a list that is dragged by its handle. Nothing moves until it is dropped: a browser that moves an element
 * under a finger loses the finger. Escape takes it back.
 */
export class Dragging {
	from = $state<number>();
	to = $state<number>();

	/** Before which item of the list as it stands it would be put; its length is the end. Undefined where it would stay. */
	get before(): number | undefined {
		if (this.from === undefined || this.to === undefined || this.to === this.from) return undefined;
		return this.to < this.from ? this.to : this.to + 1;
	}

	start(event: PointerEvent, from: number, list: HTMLElement, drop: (from: number, to: number) => void): void {
		if (event.button !== 0) return;
		event.preventDefault();
		this.from = from;
		this.to = from;
		const pointer = event.pointerId;
		const onMove = (now: PointerEvent) => {
			if (now.pointerId !== pointer) return;
			const middles = [...list.children].map((item) => {
				const { top, height } = item.getBoundingClientRect();
				return top + height / 2;
			});
			this.to = placeAt(middles, now.clientY, from);
			if (now.clientY < edge) scrollBy(0, -12);
			else if (now.clientY > innerHeight - edge) scrollBy(0, 12);
		};
		const end = () => {
			removeEventListener('pointermove', onMove);
			removeEventListener('pointerup', onUp);
			removeEventListener('pointercancel', end);
			removeEventListener('keydown', onKey, true);
			this.from = undefined;
			this.to = undefined;
		};
		const onUp = (now: PointerEvent) => {
			if (now.pointerId !== pointer) return;
			const to = this.to;
			end();
			if (to !== undefined && to !== from) drop(from, to);
		};
		const onKey = (now: KeyboardEvent) => {
			if (now.key !== 'Escape') return;
			now.stopPropagation();
			end();
		};
		addEventListener('pointermove', onMove);
		addEventListener('pointerup', onUp);
		addEventListener('pointercancel', end);
		addEventListener('keydown', onKey, true);
	}
}
