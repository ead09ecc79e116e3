/** Bytes as "3.4 MB". */
export function bytes(n: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	let i = 0;
	let x = n;
	while (x >= 1000 && i < units.length - 1) {
		x /= 1000;
		i++;
	}
	return `${i === 0 ? x : x.toFixed(x < 10 ? 1 : 0)} ${units[i]}`;
}
