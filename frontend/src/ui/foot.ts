/**
 * Keeps the words that come and go (Toasts) above what is fixed at the foot of a screen without the menu, for that is
 * what one needs next: `<div {@attach foot}>`. Its height is in `--foot` meanwhile.
 */
export function foot(element: HTMLElement): () => void {
	const { style } = document.documentElement;
	const observer = new ResizeObserver(() => style.setProperty('--foot', `${element.offsetHeight}px`));
	observer.observe(element); // tells the height at once, after the foot of the screen before has gone
	return () => {
		observer.disconnect();
		style.removeProperty('--foot');
	};
}
