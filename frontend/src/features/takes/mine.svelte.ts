import { api, data } from '../../api/client.ts';
import { live } from '../../api/live.svelte.ts';
import { asProblem } from '../../api/problem.ts';
import { type Pages, pages } from '../../api/resource.svelte.ts';
import { toasts } from '../../ui/toast.svelte.ts';
import { mine as en } from './mine.en.ts';
import { unsettled, type Video } from './own.ts';
import { takes } from './takes.svelte.ts';

const get = (id: string) => data(api.GET('/api/v1/videos/{id}', { params: { path: { id } } }));

/** One's own videos, newest first, as they change. */
export class Mine {
	readonly videos: Pages<Video>;

	constructor(deleted: () => boolean) {
		this.videos = pages((cursor, signal) => {
			const query = { author: 'me', deleted: deleted(), limit: 24, ...(cursor ? { cursor } : {}) };
			return data(api.GET('/api/v1/videos', { params: { query }, signal }));
		});
		$effect(() =>
			live.follow({
				changed: ({ id }) => void this.#refetch(id),
				ask: () => this.videos.refresh(),
				needed: () => this.videos.items.some(unsettled),
			}),
		);
		let sent = '';
		$effect(() => {
			const now = takes.list.flatMap((take) => take.videoId ?? []).join();
			if (now !== sent && now !== '') void this.videos.refresh();
			sent = now;
		});
	}

	async #refetch(id: string): Promise<void> {
		if (!this.videos.items.some((video) => video.id === id)) return;
		const fresh = await get(id).catch(() => undefined);
		if (fresh) this.#put(fresh);
	}

	#put(fresh: Video): void {
		this.videos.update((items) => items.map((video) => (video.id === fresh.id ? fresh : video)));
	}

	#take(id: string): void {
		this.videos.update((items) => items.filter((video) => video.id !== id));
	}

	/** Deletes a video; the toast brings it back. */
	async remove(video: Video): Promise<void> {
		this.#take(video.id);
		try {
			await removeVideo(video, () => this.videos.refresh());
		} catch {
			void this.videos.refresh();
		}
	}

	async restore(video: Video): Promise<void> {
		this.#take(video.id);
		if (!(await restoreVideo(video.id))) void this.videos.refresh();
		else toasts.say(en.restored);
	}

	async retry(video: Video): Promise<void> {
		const fresh = await retryVideo(video.id);
		if (fresh) this.#put(fresh);
	}
}

function tell(thrown: unknown): void {
	toasts.say(asProblem(thrown).message, { kind: 'problem' });
}

/** Deletes a video and offers to bring it back for as long as the toast stands. */
export async function removeVideo(video: Video, then: () => unknown): Promise<void> {
	const path = { id: video.id };
	try {
		await api.DELETE('/api/v1/videos/{id}', { params: { path } });
	} catch (thrown) {
		tell(thrown);
		throw thrown;
	}
	const run = () => restoreVideo(video.id).then(then);
	toasts.say(en.deleted(video.title), { action: { label: en.undo, run } });
}

/** Brings a deleted video back; true if that worked, else it was said why not. */
export async function restoreVideo(id: string): Promise<boolean> {
	try {
		await api.POST('/api/v1/videos/{id}/restore', { params: { path: { id } } });
		return true;
	} catch (thrown) {
		tell(thrown);
		return false;
	}
}

/** Tries again what failed. */
export async function retryVideo(id: string): Promise<Video | undefined> {
	try {
		return await data(api.POST('/api/v1/videos/{id}/retry', { params: { path: { id } } }));
	} catch (thrown) {
		tell(thrown);
		return;
	}
}
