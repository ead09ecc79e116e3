import { cleanup, fireEvent, render, screen, within } from '@testing-library/svelte';
import { createRawSnippet } from 'svelte';
import { afterEach, describe, expect, it } from 'vitest';
import CountsTable from './CountsTable.svelte';
import { en } from './en.ts';
import Forest from './Forest.svelte';
import { type Order, orderOf } from './sort.ts';
import type { Compared } from './tactics.ts';
import Waiting from './Waiting.svelte';

afterEach(cleanup);

const side = { n: 200, won: 70, reps: 9, rate: 0.35, interval: { low: 0.287, high: 0.418 }, more_deals_needed: 0 };
const row = (over: Partial<Compared>): Compared => ({
	tactic: 'anchor',
	label: 'Anchor on cost of delay',
	state: 'difference',
	strength: 'moderate',
	wording: 'Deals were won in time more often. Moderate evidence of an association.',
	exposed: side,
	unexposed: { ...side, n: 900, rate: 0.2, interval: { low: 0.175, high: 0.228 } },
	difference: { estimate: 0.15, low: 0.08, high: 0.22 },
	...over,
});

describe('tactics', () => {
	it('say in words and numbers all that the picture shows', () => {
		render(Forest, { rows: [row({})], filters: { team: 't1' } });
		const [, first] = screen.getAllByRole('row');
		const text = first?.textContent ?? '';
		for (const words of [
			'35.0%',
			'28.7 to 41.8',
			'+15.0',
			'+8.0 to +22.0',
			en.strength.moderate,
			'Moderate evidence of an association.',
		])
			expect(text).toContain(words);
		expect(first?.querySelector('svg')?.getAttribute('aria-hidden')).toBe('true');
		expect(screen.getByRole('link').getAttribute('href')).toBe('/reports/modeled?team=t1&tactic=anchor');
	});

	it('fill the mark only where the report claims a difference', () => {
		const chance = row({
			tactic: 'b',
			label: 'By chance',
			state: 'no_clear_difference',
			reason: 'many_tactics',
			strength: 'none',
		});
		render(Forest, { rows: [row({}), chance], filters: {} });
		const [, first, second] = screen.getAllByRole('row');
		expect(first?.querySelector('svg')?.classList.contains('clear')).toBe(true);
		expect(second?.querySelector('svg')?.classList.contains('clear')).toBe(false);
		expect(second?.textContent).toContain('No clear difference');
	});

	it('show no rate where there is not enough data, but how much is missing', () => {
		const few = { n: 12, won: 9, reps: 2, more_deals_needed: 38 };
		const { difference: _, ...rest } = row({
			label: 'Trade',
			state: 'not_enough_data',
			exposed: few,
			wording: 'Not enough data.',
		});
		render(Waiting, { rows: [rest] });
		const text = screen.getByRole('listitem').textContent ?? '';
		expect(text).toContain('12 of about 50');
		expect(text).not.toContain('%');
		expect(text).not.toContain(en.sideOf.unexposed);
	});
});

describe('most modeled', () => {
	const rows = [
		{ id: 'a', saw: 9, shared: 1, saved: 2, used: 4, used_rate: 0.44 },
		{ id: 'b', saw: 4, shared: 0, saved: 0, used: 1 },
	];
	const shown = (order: string, asked: Order[] = []) =>
		render(CountsTable<(typeof rows)[number]>, {
			caption: 'People',
			first: 'Person',
			rows,
			key: (one) => one.id,
			order: orderOf(order),
			onorder: (next) => asked.push(next),
			head: createRawSnippet((one: () => (typeof rows)[number]) => ({ render: () => `<span>${one().id}</span>` })),
		});

	it('tells which column it is sorted by, and sorts by the one that is pressed', async () => {
		const asked: Order[] = [];
		shown('saw.up', asked);
		expect(screen.getByRole('columnheader', { name: /Saw/ }).getAttribute('aria-sort')).toBe('ascending');
		expect(screen.getByRole('columnheader', { name: /Used/ }).getAttribute('aria-sort')).toBe('none');
		await fireEvent.click(screen.getByRole('button', { name: /Shared/ }));
		await fireEvent.click(screen.getByRole('button', { name: /Saw/ }));
		expect(asked).toEqual([
			{ by: 'shared', up: false },
			{ by: 'saw', up: false },
		]);
	});

	it('has a rate only where the report gives one, and says why not', () => {
		shown('');
		const [, first, second] = screen.getAllByRole('row');
		const last = (line: HTMLElement | undefined) =>
			line && within(line).getAllByRole('cell').at(-1)?.textContent?.trim();
		expect(last(first)).toBe('44%');
		expect(last(second)).toContain(en.noRate);
		expect(last(second)).not.toContain('%');
	});
});
