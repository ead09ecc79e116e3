import { api, data, type Schemas } from '../../api/client.ts';

type Team = Pick<Schemas['TeamDTO'], 'id' | 'parent_id' | 'member_ids' | 'manager_ids'>;

/** The ids of those in teams that a person manages, and in teams below, without the person. */
export function inLine(teams: readonly Team[], me: string): Set<string> {
	const below = new Map<string, Team[]>();
	for (const team of teams) {
		const parent = team.parent_id ?? '';
		below.set(parent, [...(below.get(parent) ?? []), team]);
	}
	const found = new Set<string>();
	const seen = new Set<string>();
	const walk = (team: Team, own: boolean) => {
		if (seen.has(team.id)) return;
		seen.add(team.id);
		for (const id of team.member_ids) found.add(id);
		// Managers of teams below report, too; those beside one on the same team do not.
		if (!own) for (const id of team.manager_ids) found.add(id);
		for (const next of below.get(team.id) ?? []) walk(next, false);
	};
	for (const team of teams) if (team.manager_ids.includes(me)) walk(team, true);
	found.delete(me);
	return found;
}

/** A manager's people by name; colleagues that the directory does not name are left out. */
export async function reportsOf(me: string, signal: AbortSignal): Promise<{ id: string; name: string }[]> {
	const { items: teams } = await data(api.GET('/api/v1/teams', { signal }));
	const wanted = inLine(teams, me);
	const found: { id: string; name: string }[] = [];
	for (let cursor = ''; found.length < wanted.size; ) {
		const query = { limit: 200, ...(cursor ? { cursor } : {}) };
		const page = await data(api.GET('/api/v1/people', { params: { query }, signal }));
		for (const { id, name } of page.items) if (wanted.has(id)) found.push({ id, name });
		if (!page.next_cursor) break;
		cursor = page.next_cursor;
	}
	return found.sort((a, b) => a.name.localeCompare(b.name));
}
