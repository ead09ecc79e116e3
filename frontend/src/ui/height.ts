/**
 * Tells the height of an element in px, at once and whenever it changes: `<div {@attach height((px) => (above = px))}>`.
 * It is told in the next frame: who changes the page while sizes are being told makes the browser complain of a loop.
 */
export const height =
	(tell: (px: number) => void) =>
	(element: HTMLElement): (() => void) => {
		let frame = 0;
		const observer = new ResizeObserver(() => {
			cancelAnimationFrame(frame);
			frame = requestAnimationFrame(() => tell(element.offsetHeight));
		});
		observer.observe(element);
		return () => {
			observer.disconnect();
			cancelAnimationFrame(frame);
		};
	};
