// How long it takes from one take to the next: marks in the page, which the browser path reads, and whoever opens the
// browser's own tools.

const names = { sent: 'review-sent', left: 'review-left' } as const;

/** The reviewer has pressed Send. */
export function pressed(): void {
	performance.mark(names.sent);
}

/** The next review is asked for: the answer has come, or the reviewer goes on without sending. */
export function leaves(): void {
	performance.mark(names.left);
}

/** The take plays. Measured are `review-switch`, since the next was asked for, and `review-between`, since Send was pressed. */
export function plays(): void {
	if (performance.getEntriesByName(names.left).length > 0) performance.measure('review-switch', names.left);
	if (performance.getEntriesByName(names.sent).length > 0) performance.measure('review-between', names.sent);
	for (const name of Object.values(names)) performance.clearMarks(name);
}
