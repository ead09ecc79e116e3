import type { Schemas } from '../../api/client.ts';

export const columns = ['saw', 'shared', 'saved', 'used', 'used_rate'] as const;
export type Column = (typeof columns)[number];
/** The separate counts of a row. */
export type Counts = Pick<Schemas['ModeledVideoDTO'], Column>;

/** What a table is sorted by. The report's own order is by used, then saved, shared and saw. */
export interface Order {
	readonly by: Column;
	readonly up: boolean;
}

/** Reads an order of the address, such as "saw" or "saw.up". */
export function orderOf(text: string): Order {
	const [name, way] = text.split('.');
	const by = columns.find((column) => column === name) ?? 'used';
	return { by, up: by === name && way === 'up' };
}

/** The order as the address has it; "" for the report's own. */
export const orderText = ({ by, up }: Order): string => (up ? `${by}.up` : by === 'used' ? '' : by);

/** What a press on a column's head leads to: most first, then least first. */
export const pressed = (order: Order, by: Column): Order => ({ by, up: order.by === by ? !order.up : false });

/** Sorts rows; those without a rate come last either way, and equal ones stay in the report's order. */
export function sorted<T extends Counts>(rows: readonly T[], { by, up }: Order): T[] {
	return [...rows].sort((a, b) => {
		const [x, y] = [a[by], b[by]];
		if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
		return up ? x - y : y - x;
	});
}
