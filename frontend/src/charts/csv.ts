// The table of a chart as a file that spreadsheets open: RFC 4180, with a byte order mark, without which Excel reads
// UTF-8 as something else.

export type Cell = string | number | boolean | undefined;

/** A cell of words that begins like a formula gets an apostrophe, so that no spreadsheet runs what somebody typed. */
function written(cell: Cell): string {
	if (cell === undefined) return '';
	if (typeof cell !== 'string') return String(cell);
	const text = /^\s*[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
	return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Writes rows as CSV. Numbers have a point, whatever the language of the page. */
export const csv = (rows: readonly (readonly Cell[])[]): string =>
	rows.map((row) => `${row.map(written).join(',')}\r\n`).join('');

/** Hands a CSV to the browser as a file. */
export function download(filename: string, rows: readonly (readonly Cell[])[]): void {
	const url = URL.createObjectURL(new Blob(['\ufeff', csv(rows)], { type: 'text/csv;charset=utf-8' }));
	const link = document.createElement('a');
	link.href = url;
	link.download = filename;
	link.click();
	// The browser takes the bytes in its own time.
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
