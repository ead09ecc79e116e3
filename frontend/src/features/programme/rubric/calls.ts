import { api, data, type Schemas } from '../../../api/client.ts';
import { newId } from '../../../api/id.ts';
import { Problem } from '../../../api/problem.ts';
import type { CriterionBody, CriterionKept } from './draft.ts';
import type { Base, Save } from './editing.svelte.ts';

export type Rubric = Schemas['RubricDTO'];
export type Version = Schemas['RubricVersionDTO'];

export const baseOf = (version: Version): Base => ({ number: version.number, criteria: version.criteria });

/** The rubric as it is now. */
export const load = (id: string, signal?: AbortSignal): Promise<Rubric> =>
	data(api.GET('/api/v1/rubrics/{id}', { params: { path: { id } }, ...(signal ? { signal } : {}) }));

/** One version, whole. */
export const loadVersion = (id: string, number: number, signal?: AbortSignal): Promise<Version> =>
	data(
		api.GET('/api/v1/rubrics/{id}/versions/{number}', {
			params: { path: { id, number } },
			...(signal ? { signal } : {}),
		}),
	);

/** Makes new rubrics: under one id, so that sending again after a lost answer makes none twice. */
export function maker(made: (rubric: Rubric) => void): Save {
	const id = newId();
	return async (name, criteria) => {
		const rubric = await data(api.POST('/api/v1/rubrics', { body: { id, name, criteria } }));
		made(rubric);
		return baseOf(rubric.current);
	};
}

const words = (criteria: readonly (CriterionBody | CriterionKept)[]): string =>
	JSON.stringify(
		criteria.map(({ name, description, weight, levels }) => [
			name,
			description,
			weight,
			levels.map((level) => [level.name, level.points, level.description]),
		]),
	);

/**
 * Saves a rubric that is there: its name, and a new version where the criteria are otherwise. `saved` is told of each,
 * so that what failed can be sent again alone.
 */
export function saver(now: () => Rubric, saved: (rubric: Rubric) => void, same: () => boolean): Save {
	return async (name, criteria, base) => {
		const path = { id: now().id };
		if (name !== now().name) saved(await data(api.PATCH('/api/v1/rubrics/{id}', { params: { path }, body: { name } })));
		if (!same()) {
			try {
				saved(await data(api.POST('/api/v1/rubrics/{id}/versions', { params: { path }, body: { base, criteria } })));
			} catch (thrown) {
				// The version that came meanwhile may be this one, saved by a request whose answer was lost.
				if (!(thrown instanceof Problem) || thrown.code !== 'rubric_changed') throw thrown;
				const rubric = await load(path.id);
				if (rubric.current.number !== base + 1 || words(rubric.current.criteria) !== words(criteria)) throw thrown;
				saved(rubric);
			}
		}
		return baseOf(now().current);
	};
}

/** Says which criteria of the newest version stand for which of those before. */
export const map = (id: string, pairs: { criterion_id: string; continues?: string }[]): Promise<Rubric> =>
	data(api.PUT('/api/v1/rubrics/{id}/mapping', { params: { path: { id } }, body: { pairs } }));

export const archive = (id: string, archived: boolean): Promise<Rubric> =>
	data(api.PATCH('/api/v1/rubrics/{id}', { params: { path: { id } }, body: { archived } }));
