/** Cuts a text at its marks; marks that overlap or lie outside are put right, so that no letter is lost or doubled. */
export function marked(
	text: string,
	marks: readonly { start: number; end: number }[],
): { text: string; mark: boolean }[] {
	const parts: { text: string; mark: boolean }[] = [];
	let at = 0;
	for (const { start, end } of [...marks].sort((a, b) => a.start - b.start)) {
		const from = Math.max(start, at);
		const to = Math.min(end, text.length);
		if (from >= to) continue;
		if (from > at) parts.push({ text: text.slice(at, from), mark: false });
		parts.push({ text: text.slice(from, to), mark: true });
		at = to;
	}
	if (at < text.length) parts.push({ text: text.slice(at), mark: false });
	return parts;
}
