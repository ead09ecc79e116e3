import type { Schemas } from '../../api/client.ts';
import type { Cell } from '../../charts/csv.ts';
import { en } from './en.ts';
import { address, type Filters } from './query.ts';
import { type Order, sorted } from './sort.ts';

export type Modeled = Schemas['ModeledDTO'];
export type Kind = 'people' | 'videos' | 'moments';
export type Rows = Pick<Modeled, Kind>;

/** Which of the three tables an address asks for. */
export const kindOf = (text: string): Kind => (text === 'videos' || text === 'moments' ? text : 'people');

/** The rows that are shown: of one author where one is chosen, in the order of the table. */
export function shown(report: Modeled, person: string, order: Order): Rows {
	const by = (id: string) => person === '' || id === person;
	return {
		people: sorted(
			report.people.filter((row) => by(row.person.id)),
			order,
		),
		videos: sorted(
			report.videos.filter((row) => by(row.author.id)),
			order,
		),
		moments: sorted(
			report.moments.filter((row) => by(row.author.id)),
			order,
		),
	};
}

/** Where a person's row leads: to that person's videos in the same report. */
export const ofPerson = (person: string, filters: Filters): string =>
	address('/reports/modeled', { ...filters, of: 'videos', person });

/** Where a moment plays. */
export const playing = (row: { video_id: string; start_ms: number; end_ms: number }): string =>
	`/watch/${row.video_id}?t=${row.start_ms}&end=${row.end_ms}`;

const counts = [en.column.saw, en.column.shared, en.column.saved, en.column.used, en.columnLong.used_rate];
const numbers = (row: Rows['videos'][number] | Rows['people'][number]): Cell[] => [
	row.saw,
	row.shared,
	row.saved,
	row.used,
	row.used_rate,
];

/** The table that is shown, for a file: heads first, media times in milliseconds. */
export function tableOf(kind: Kind, rows: Rows): Cell[][] {
	switch (kind) {
		case 'people':
			return [
				[en.person, en.videos, ...counts],
				...rows.people.map((row) => [row.person.name, row.videos, ...numbers(row)]),
			];
		case 'videos':
			return [
				[en.video, en.person, ...counts],
				...rows.videos.map((row) => [row.title, row.author.name, ...numbers(row)]),
			];
		case 'moments':
			return [
				[en.moment, en.video, en.person, 'start_ms', 'end_ms', ...counts],
				...rows.moments.map((row) => [row.text, row.title, row.author.name, row.start_ms, row.end_ms, ...numbers(row)]),
			];
	}
}
