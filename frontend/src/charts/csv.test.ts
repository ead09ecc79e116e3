import { describe, expect, it, vi } from 'vitest';
import { csv, download } from './csv.ts';

describe('csv', () => {
	it.each([
		['plain', 'plain'],
		['two words', 'two words'],
		['a,b', '"a,b"'],
		['say "half"', '"say ""half"""'],
		['two\nlines', '"two\nlines"'],
		[' edges ', '" edges "'],
		['=1+1', "'=1+1"],
		['+49 30', "'+49 30"],
		['-2+3', "'-2+3"],
		['@SUM(A1)', "'@SUM(A1)"],
		[' =cmd', "' =cmd"],
		[-0.125, '-0.125'],
		[0, '0'],
		[undefined, ''],
	])('%j becomes %s', (cell, want) => expect(csv([[cell]])).toBe(`${want}\r\n`));

	it('writes rows of any length', () => expect(csv([['a', 1, undefined], [], ['b']])).toBe('a,1,\r\n\r\nb\r\n'));
});

it('hands the file to the browser with a byte order mark', async () => {
	const made: Blob[] = [];
	vi.spyOn(URL, 'createObjectURL').mockImplementation((blob) => {
		made.push(blob as Blob);
		return 'blob:x';
	});
	let name = '';
	vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (this: HTMLAnchorElement) {
		name = this.download;
	});
	download('tactics.csv', [['é']]);
	expect(name).toBe('tactics.csv');
	const bytes = new Uint8Array(await (made[0] as Blob).arrayBuffer());
	expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
	expect(made[0]?.type).toContain('text/csv');
});
