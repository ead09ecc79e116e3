import { api, data, type Schemas } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';

export type Audience = Schemas['VideoDTO']['audience'];

/** Answers an ask with a video of one's own. Where its asker may not see the video yet, gives the audience that would do. */
export async function answer(ask_id: string, video_id: string): Promise<Audience | undefined> {
	try {
		await data(api.POST('/api/v1/asks/{id}/answer', { params: { path: { id: ask_id } }, body: { video_id } }));
		return;
	} catch (thrown) {
		const problem = asProblem(thrown);
		const { audience } = problem.context;
		if (problem.code !== 'not_visible_to_asker' || typeof audience !== 'string') throw problem;
		return audience as Audience;
	}
}

/** Shares the video as widely as the answer needs, and answers. */
export async function widenAndAnswer(ask_id: string, video_id: string, audience: Audience): Promise<void> {
	await data(api.PATCH('/api/v1/videos/{id}', { params: { path: { id: video_id } }, body: { audience } }));
	const still = await answer(ask_id, video_id);
	if (still) await widenAndAnswer(ask_id, video_id, still);
}
