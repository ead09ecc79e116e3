import type { Schemas } from '../../../api/client.ts';
import type { Programme } from './calls.ts';
import type { Kept } from './sending.ts';

type Video = Schemas['VideoDTO'];

/** What the ids in a set-up are called, as far as it was told: by the programme itself, and by what was picked. */
export class Names {
	#names = $state.raw<ReadonlyMap<string, string>>(new Map());
	#videos = $state.raw<ReadonlyMap<string, Video>>(new Map());
	#files = $state.raw<ReadonlyMap<string, Kept>>(new Map());

	/** Reads the names that a programme comes with. */
	learn(programme: Programme): void {
		const refs = [...programme.rules.flatMap((rule) => [rule.person, rule.team]), ...programme.reviewers.people].filter(
			(one) => one !== undefined,
		);
		this.#names = new Map([...this.#names, ...refs.map((one): [string, string] => [one.id, one.name])]);
		const videos = [programme.model?.video, ...programme.attachments.map((one) => one.video)].filter(
			(video) => video !== undefined,
		);
		this.#videos = new Map([...this.#videos, ...videos.map((video): [string, Video] => [video.id, video])]);
		const files = programme.attachments.map((one) => one.file).filter((file) => file !== undefined);
		this.#files = new Map([...this.#files, ...files.map((file): [string, Kept] => [file.id, file])]);
	}

	add(one: { id: string; name: string }): void {
		this.#names = new Map(this.#names).set(one.id, one.name);
	}

	addVideo(video: Video): void {
		this.#videos = new Map(this.#videos).set(video.id, video);
	}

	addFile(file: Kept): void {
		this.#files = new Map(this.#files).set(file.id, file);
	}

	/** What a person or team is called; "…" for one that nobody has named. */
	of = (id: string): string => this.#names.get(id) || '…';

	video(id: string): Video | undefined {
		return this.#videos.get(id);
	}

	file(id: string): Kept | undefined {
		return this.#files.get(id);
	}
}
