import { api, data, type Schemas } from '../../api/client.ts';
import type { Kind } from '../../api/vocabulary.svelte.ts';
import type { Audience, Situation } from '../../recorder/take.ts';
import type { Video } from './own.ts';

/** The facets of a situation in the order in which people think of them. */
export const facets = ['objection', 'stage', 'persona', 'competitor', 'industry', 'product'] as const satisfies Kind[];
export type Facet = (typeof facets)[number];

/** A video's description while its author changes it. */
export class Draft {
	title = $state('');
	description = $state('');
	audience = $state<Audience>('private');
	teams = $state.raw<readonly string[]>([]);
	tactics = $state.raw<readonly string[]>([]);
	text = $state('');
	facets = $state<Record<Facet, string>>({
		objection: '',
		stage: '',
		persona: '',
		competitor: '',
		industry: '',
		product: '',
	});
	#saved = $state('');

	constructor(video: Video) {
		this.title = video.title;
		this.description = video.description;
		this.audience = video.audience;
		this.teams = video.team_ids;
		this.tactics = video.tactics;
		this.text = video.situation.text ?? '';
		for (const facet of facets) this.facets[facet] = video.situation[facet] ?? '';
		this.#saved = JSON.stringify(this.body);
	}

	get body(): Schemas['ChangeVideoRequestBody'] {
		const situation: Situation = {};
		if (this.text.trim()) situation.text = this.text.trim();
		for (const facet of facets) if (this.facets[facet]) situation[facet] = this.facets[facet];
		return {
			title: this.title.trim(),
			description: this.description.trim(),
			audience: this.audience,
			team_ids: this.audience === 'teams' ? [...this.teams] : [],
			tactics: [...this.tactics],
			situation,
		};
	}

	get changed(): boolean {
		return JSON.stringify(this.body) !== this.#saved;
	}

	async save(id: string): Promise<Video> {
		const body = this.body;
		const video = await data(api.PATCH('/api/v1/videos/{id}', { params: { path: { id } }, body }));
		this.#saved = JSON.stringify(body);
		return video;
	}
}

/** What the words of a video point to and its author has not said yet. */
export async function suggestionsFor(id: string, signal: AbortSignal): Promise<Schemas['SuggestionDTO'][]> {
	const page = await data(api.GET('/api/v1/videos/{id}/suggestions', { params: { path: { id } }, signal }));
	return page.items;
}

/** The text of a line, changed, in a whole transcript; its words get new times on the server. */
export function corrected(transcript: Schemas['TranscriptDTO'], at: number, text: string) {
	return transcript.segments.map((line, i) => {
		if (i !== at) return line;
		return { start_ms: line.start_ms, end_ms: line.end_ms, text: text.trim() };
	});
}

/** Saves a corrected line; gives the transcript as it is then. */
export async function correctLine(transcript: Schemas['TranscriptDTO'], at: number, text: string) {
	const { video_id: id, language, version } = transcript;
	// What the server only tells may not be sent back.
	const segments = corrected(transcript, at, text).map((line) => ({
		...line,
		...(line.words ? { words: line.words.map(({ unsure: _, ...word }) => word) } : {}),
	}));
	return data(
		api.PUT('/api/v1/videos/{id}/transcript', { params: { path: { id } }, body: { language, version, segments } }),
	);
}
