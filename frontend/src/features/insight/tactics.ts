import type { Schemas } from '../../api/client.ts';
import type { Cell } from '../../charts/csv.ts';

export type Evidence = Schemas['EvidenceDTO'];
export type Tactic = Schemas['TacticDTO'];
/** A tactic of which something may be said: it has a difference, and a rate on both sides. */
export type Compared = Tactic & { readonly difference: NonNullable<Tactic['difference']> };

const isCompared = (row: Tactic): row is Compared => row.state !== 'not_enough_data' && row.difference !== undefined;

/** Splits the rows at what may be said of them; each part in the report's order, which is never by size. */
export function parts(report: Evidence): { compared: Compared[]; waiting: Tactic[] } {
	return { compared: report.tactics.filter(isCompared), waiting: report.tactics.filter((row) => !isCompared(row)) };
}

/** What the line of a forest plot needs to hold. */
export const reach = (rows: readonly Compared[]): number[] =>
	rows.flatMap(({ difference }) => [difference.low, difference.high]);

/** How many deals a side has of those it needs. */
export const needed = (side: Schemas['SideDTO']): { have: number; need: number } => ({
	have: side.n,
	need: side.n + side.more_deals_needed,
});

const sideHeads = (side: string) =>
	['deals', 'won_in_time', 'reps', 'rate', 'rate_low', 'rate_high', 'more_deals_needed'].map(
		(head) => `${side}_${head}`,
	);
const sideCells = (side: Schemas['SideDTO']): Cell[] => [
	side.n,
	side.won,
	side.reps,
	side.rate,
	side.interval?.low,
	side.interval?.high,
	side.more_deals_needed,
];

/** The report for a file: heads first, shares of 1, and the words that may be said. */
export function tableOf(report: Evidence): Cell[][] {
	return [
		[
			'tactic',
			'label',
			'state',
			'reason',
			'strength',
			...sideHeads('exposed'),
			...sideHeads('unexposed'),
			'difference',
			'difference_low',
			'difference_high',
			'q',
			'wording',
		],
		...report.tactics.map((row) => [
			row.tactic,
			row.label,
			row.state,
			row.reason,
			row.strength,
			...sideCells(row.exposed),
			...sideCells(row.unexposed),
			row.difference?.estimate,
			row.difference?.low,
			row.difference?.high,
			row.q,
			row.wording,
		]),
		[],
		['method', report.method],
		['deals_that_take_part', report.deals],
		...Object.entries(report.left_out).map(([reason, deals]) => [`left_out_${reason}`, deals]),
		...Object.entries(report.horizon_days).map(([segment, days]) => [`horizon_days ${segment}`.trim(), days]),
	];
}
