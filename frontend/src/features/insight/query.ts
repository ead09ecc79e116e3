import type { Schemas } from '../../api/client.ts';
import type { Cell } from '../../charts/csv.ts';
import { en } from './en.ts';
import { daysOf } from './period.ts';

type Team = Schemas['TeamDTO'];

/** The filters of both reports, by their names in the address and in the API. */
export const names = ['team', 'tactic', 'from', 'to'] as const;
export type Filters = Partial<Record<(typeof names)[number], string>>;

/** The filters that an address has. */
export function filtersOf(params: URLSearchParams): Filters {
	const out: Filters = {};
	for (const name of names) {
		const value = params.get(name);
		if (value) out[name] = value;
	}
	return out;
}

/** An address with these parameters and nothing else. */
export function address(path: string, parameters: Readonly<Record<string, string | undefined>>): string {
	const query = new URLSearchParams(
		Object.entries(parameters).filter((pair): pair is [string, string] => Boolean(pair[1])),
	).toString();
	return query ? `${path}?${query}` : path;
}

/** The teams as a list in the order of their tree, each with its depth; a team whose parent is not there is a root. */
export function tree(teams: readonly Team[]): { team: Team; depth: number }[] {
	const known = new Set(teams.map((team) => team.id));
	const below = new Map<string, Team[]>();
	for (const team of teams) {
		const parent = team.parent_id && known.has(team.parent_id) ? team.parent_id : '';
		below.set(parent, [...(below.get(parent) ?? []), team]);
	}
	const out: { team: Team; depth: number }[] = [];
	const walk = (parent: string, depth: number) => {
		for (const team of (below.get(parent) ?? []).sort((a, b) => a.name.localeCompare(b.name))) {
			out.push({ team, depth });
			walk(team.id, depth + 1);
		}
	};
	walk('', 0);
	return out;
}

/** What a report says about itself. */
export interface About {
	readonly definition: string;
	readonly as_of: string;
	readonly filters: Schemas['FiltersDTO'];
}

/** The filters of an answer in words: what was counted, not what is set in the form. */
export function inWords(
	filters: About['filters'],
	label: { team: (id: string) => string; tactic: (key: string) => string },
): { team: string; tactic: string; period: string } {
	const { from, to } = daysOf(filters);
	return {
		team: filters.team ? label.team(filters.team) : en.allTeams,
		tactic: filters.tactic ? label.tactic(filters.tactic) : en.allTactics,
		period: en.between(from, to),
	};
}

/** The lines above a table in a file: what it is, how it is counted, as of when, and with which filters. */
export function headOf(title: string, about: About, words: ReturnType<typeof inWords>): Cell[][] {
	return [
		[`Fieldreel: ${title}`],
		[en.definition, about.definition],
		[en.asOfLabel, about.as_of],
		[en.team, words.team],
		[en.tactic, words.tactic],
		[en.periodLabel, words.period],
		[],
	];
}

/** A share of 1 in points with a sign and one decimal: "+8.2", "−3.1", "0.0". */
export function points(x: number, signed = true): string {
	const text = Math.abs(x * 100).toFixed(1);
	if (text === '0.0') return text;
	return `${x < 0 ? '\u2212' : signed ? '+' : ''}${text}`;
}

/** A share of 1 as "36.8%": one decimal, as the sentences of the report have it. */
export const rate = (x: number): string => `${(x * 100).toFixed(1)}%`;
