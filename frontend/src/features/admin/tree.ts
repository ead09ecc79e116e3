import type { Schemas } from '../../api/client.ts';

export type Team = Schemas['TeamDTO'];

/** A team with how deep it stands in the tree. */
export interface Placed {
	readonly team: Team;
	readonly depth: number;
}

/** The teams in the order of the tree, each below the one it belongs to, by name. A team whose parent is unknown stands at the top. */
export function placed(teams: readonly Team[]): Placed[] {
	const known = new Set(teams.map((team) => team.id));
	const below = new Map<string, Team[]>();
	for (const team of teams) {
		const parent = team.parent_id && known.has(team.parent_id) ? team.parent_id : '';
		below.set(parent, [...(below.get(parent) ?? []), team]);
	}
	const out: Placed[] = [];
	const walk = (parent: string, depth: number) => {
		for (const team of [...(below.get(parent) ?? [])].sort((a, b) => a.name.localeCompare(b.name))) {
			out.push({ team, depth });
			walk(team.id, depth + 1);
		}
	};
	walk('', 0);
	return out;
}

/** Where a team may be moved: everywhere but to itself and below itself. */
export function parentsFor(teams: readonly Team[], id: string): Placed[] {
	const all = placed(teams);
	const at = all.findIndex(({ team }) => team.id === id);
	if (at < 0) return all;
	const depth = all[at]?.depth ?? 0;
	let end = at + 1;
	while (end < all.length && (all[end]?.depth ?? 0) > depth) end++;
	return [...all.slice(0, at), ...all.slice(end)];
}
