import { api, data, type Schemas } from '../../../api/client.ts';
import { type Resource, resource } from '../../../api/resource.svelte.ts';
import type { Programme } from './calls.ts';

export type Row = Schemas['RubricRowDTO'];
export type Version = Schemas['RubricVersionDTO'];

/** A version of a rubric, by what it is called. */
export interface Chosen {
	readonly id: string;
	readonly name: string;
	readonly version: number;
	readonly version_id: string;
	/** The number of the newest. */
	readonly newest: number;
	readonly newest_id: string | undefined;
}

/** The version that a set-up names: the programme's own, or the newest of one that can be chosen. */
export function chosenOf(versionId: string, programme: Programme, rows: readonly Row[]): Chosen | undefined {
	const own = programme.rubric;
	if (own && own.version_id === versionId) {
		const row = rows.find((one) => one.id === own.id);
		return { ...own, newest: row?.version ?? own.current_version, newest_id: row?.version_id };
	}
	const row = rows.find((one) => one.version_id === versionId);
	return (
		row && {
			id: row.id,
			name: row.name,
			version: row.version,
			version_id: row.version_id,
			newest: row.version,
			newest_id: row.version_id,
		}
	);
}

/** The rubrics that can be chosen, and the criteria of the version that is. */
export class Rubrics {
	readonly rows: Resource<Row[]>;
	readonly version: Resource<Version | undefined>;
	readonly #of: () => { versionId: string; programme: Programme };

	constructor(of: () => { versionId: string; programme: Programme }) {
		this.#of = of;
		this.rows = resource(async (signal) => (await data(api.GET('/api/v1/rubrics', { signal }))).items);
		// As a text, so that other changes of the programme ask for nothing.
		const wanted = $derived(this.chosen && `${this.chosen.id}/${this.chosen.version}`);
		this.version = resource(async (signal) => {
			if (!wanted) return undefined;
			const [id = '', number = '1'] = wanted.split('/');
			const path = { id, number: Number(number) };
			return data(api.GET('/api/v1/rubrics/{id}/versions/{number}', { params: { path }, signal }));
		});
	}

	get chosen(): Chosen | undefined {
		const { versionId, programme } = this.#of();
		return chosenOf(versionId, programme, this.rows.value ?? []);
	}
}
