import { describe, expect, it } from 'vitest';
import { type Evidence, needed, parts, reach, type Tactic, tableOf } from './tactics.ts';

const side = { n: 120, won: 40, reps: 9, rate: 1 / 3, interval: { low: 0.25, high: 0.42 }, more_deals_needed: 0 };
const few = { n: 12, won: 4, reps: 3, more_deals_needed: 38 };
const difference: Tactic = {
	tactic: 'anchor',
	label: 'Anchor on cost of delay',
	state: 'difference',
	strength: 'moderate',
	wording: 'They were won more often.',
	exposed: side,
	unexposed: { ...side, n: 800 },
	difference: { estimate: 0.08, low: 0.02, high: 0.14 },
	q: 0.01,
};
const waiting: Tactic = {
	tactic: 'trade',
	label: 'Trade, never give',
	state: 'not_enough_data',
	reason: 'few_deals',
	strength: 'none',
	wording: 'Not enough data for "Trade, never give": about 38 more deals from reps who had watched it before needed.',
	exposed: few,
	unexposed: side,
};
const report: Evidence = {
	definition: 'D.',
	method: 'association',
	as_of: '2026-11-22T05:00:00Z',
	filters: {},
	deals: 920,
	left_out: { opened_too_recently: 380 },
	horizon_days: { '': 84, Enterprise: 120 },
	tactics: [difference, waiting],
};

describe('evidence', () => {
	it('has a difference only where the report gives one', () => {
		const { compared, waiting: rest } = parts(report);
		expect(compared.map((row) => row.tactic)).toEqual(['anchor']);
		expect(rest.map((row) => row.tactic)).toEqual(['trade']);
		expect(reach(compared)).toEqual([0.02, 0.14]);
	});
	it('shows no rate that came without a difference', () => {
		const { difference: _, ...odd } = difference;
		expect(parts({ ...report, tactics: [odd] }).compared).toEqual([]);
	});
	it('says how many deals are there of those needed', () => {
		expect(needed(few)).toEqual({ have: 12, need: 50 });
		expect(needed(side)).toEqual({ have: 120, need: 120 });
	});
});

it('goes into a file whole, and without a rate where none may be said', () => {
	const table = tableOf(report);
	const heads = table[0] ?? [];
	const at = (row: number, head: string) => table[row]?.[heads.indexOf(head)];
	expect(at(1, 'difference_low')).toBe(0.02);
	expect(at(1, 'unexposed_deals')).toBe(800);
	expect(at(2, 'exposed_rate')).toBeUndefined();
	expect(at(2, 'exposed_more_deals_needed')).toBe(38);
	expect(at(2, 'wording')).toBe(waiting.wording);
	expect(table).toContainEqual(['left_out_opened_too_recently', 380]);
	expect(table).toContainEqual(['horizon_days', 84]);
	expect(table).toContainEqual(['horizon_days Enterprise', 120]);
});
