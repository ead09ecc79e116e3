/** A small picture of a stretch of the video: a rectangle of a sheet. */
export interface Tile {
	readonly start_ms: number;
	readonly end_ms: number;
	readonly sheet: string;
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

const time = /(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})/g;

function times(line: string): number[] {
	return [...line.matchAll(time)].map(
		([, h = '0', m = '0', s = '0', ms = '0']) => ((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms),
	);
}

/** Reads the tiles that a storyboard's WebVTT names; `base` is its own address. What is not understood is passed over. */
export function readTiles(vtt: string, base: string): Tile[] {
	const tiles: Tile[] = [];
	for (const cue of vtt.split(/\r?\n\r?\n/)) {
		const lines = cue.split(/\r?\n/);
		const at = lines.findIndex((line) => line.includes('-->'));
		const [start_ms, end_ms] = times(lines[at] ?? '');
		const [, sheet, area] = /^(.+)#xywh=([\d,]+)$/.exec(lines[at + 1] ?? '') ?? [];
		const [x, y, width, height] = (area ?? '').split(',').map(Number);
		if (
			start_ms === undefined ||
			end_ms === undefined ||
			!sheet ||
			x === undefined ||
			y === undefined ||
			!width ||
			!height
		)
			continue;
		tiles.push({ start_ms, end_ms, sheet: new URL(sheet, base).pathname, x, y, width, height });
	}
	return tiles;
}

/** The tile of a time: the last that has begun, so that gaps and the end have one, too. */
export function tileAt(tiles: readonly Tile[], ms: number): Tile | undefined {
	return tiles.findLast(({ start_ms }) => start_ms <= ms) ?? tiles[0];
}
