import { height } from './height.ts';

/**
 * Keeps the words that come and go (Toasts) above what is fixed at the foot of a screen without the menu, for that is
 * what one needs next: `<div {@attach foot}>`. Its height is in `--foot` meanwhile.
 */
export function foot(element: HTMLElement): () => void {
	const { style } = document.documentElement;
	const end = height((px) => style.setProperty('--foot', `${px}px`))(element);
	return () => {
		end();
		style.removeProperty('--foot');
	};
}
