import { api, data, type Schemas } from '../../api/client.ts';

export type Tab = 'saved' | 'received' | 'sent' | 'used';

/** One row of any of the lists: a stretch of a video, and the word that goes with it. */
export interface Row {
	readonly id: string;
	readonly at: string;
	readonly start_ms: number;
	readonly end_ms: number;
	/** Absent where it is gone, or no longer shared with us. */
	readonly video: Schemas['VideoDTO'] | undefined;
	readonly from?: string;
	readonly to?: string;
	readonly words?: string;
	readonly deal?: boolean;
}

const row = (x: {
	id: string;
	created_at: string;
	start_ms: number;
	end_ms: number;
	video?: Schemas['VideoDTO'];
}): Row => ({
	id: x.id,
	at: x.created_at,
	start_ms: x.start_ms,
	end_ms: x.end_ms,
	video: x.video,
});

/** A page of one of the lists, newest first. */
export async function load(
	tab: Tab,
	cursor: string | undefined,
	signal: AbortSignal,
): Promise<{ items: Row[]; next_cursor?: string }> {
	const paging = { limit: 20, ...(cursor ? { cursor } : {}) };
	switch (tab) {
		case 'saved': {
			const page = await data(api.GET('/api/v1/saves', { params: { query: paging }, signal }));
			return { ...page, items: page.items.map(row) };
		}
		case 'used': {
			const page = await data(api.GET('/api/v1/uses', { params: { query: paging }, signal }));
			return {
				...page,
				items: page.items.map((x) => ({
					...row(x),
					deal: x.deal_id !== undefined,
					...(x.comment ? { words: x.comment } : {}),
				})),
			};
		}
		default: {
			const page = await data(api.GET('/api/v1/shares', { params: { query: { ...paging, box: tab } }, signal }));
			return {
				...page,
				items: page.items.map((x) => ({
					...row(x),
					...(x.message ? { words: x.message } : {}),
					...(tab === 'received' && x.from ? { from: x.from } : {}),
					...(tab === 'sent' && x.to ? { to: x.to } : {}),
				})),
			};
		}
	}
}
