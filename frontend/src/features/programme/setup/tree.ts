interface Team {
	readonly id: string;
	readonly name: string;
	readonly parent_id?: string;
}

/** Teams as options in the order of their tree, each drawn in by its depth; one whose parent is not there is a root. */
export function inTree(teams: readonly Team[]): { value: string; label: string }[] {
	const known = new Set(teams.map((team) => team.id));
	const out: { value: string; label: string }[] = [];
	const walk = (parent: string, depth: number) => {
		const here = teams.filter((team) => (team.parent_id && known.has(team.parent_id) ? team.parent_id : '') === parent);
		for (const team of here.toSorted((a, b) => a.name.localeCompare(b.name))) {
			out.push({ value: team.id, label: `${'\u2003'.repeat(depth)}${team.name}` });
			walk(team.id, depth + 1);
		}
	};
	walk('', 0);
	return out;
}
