/** The list with one item moved to another place; a place beyond its ends is the end. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
	const out = [...list];
	const [item] = out.splice(from, 1);
	if (item === undefined) return out;
	out.splice(Math.max(0, Math.min(out.length, to)), 0, item);
	return out;
}

/** The place that something dropped at a height takes among the others: before the first whose middle lies below it. */
export function placeAt(middles: readonly number[], y: number, from: number): number {
	const others = middles.filter((_, i) => i !== from);
	const below = others.findIndex((middle) => y < middle);
	return below < 0 ? others.length : below;
}

/** Where an arrow or an end key takes the item at a place; undefined for other keys, and at the ends. */
export function placeByKey(key: string, from: number, length: number): number | undefined {
	const to = { ArrowUp: from - 1, ArrowDown: from + 1, Home: 0, End: length - 1 }[key];
	return to === undefined || to === from || to < 0 || to >= length ? undefined : to;
}
