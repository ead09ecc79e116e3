import { expect, it, vi } from 'vitest';
import { part } from './part.ts';

it('a part that cannot be fetched comes when there is a network again', async () => {
	vi.useFakeTimers();
	try {
		let away = true;
		let asked = 0;
		const load = async () => {
			asked++;
			if (away) throw new TypeError('Failed to fetch dynamically imported module');
			return 'the part';
		};
		const brought = part(load);
		await vi.advanceTimersByTimeAsync(10_000);
		expect(asked).toBe(4); // at once, and after 1, 3 and 7 seconds
		away = false;
		await vi.advanceTimersByTimeAsync(10_000);
		expect(await brought).toBe('the part');
		expect(asked).toBe(5);
	} finally {
		vi.useRealTimers();
	}
});
