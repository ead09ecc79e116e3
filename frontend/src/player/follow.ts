import { api, data } from '../api/client.ts';
import { asProblem } from '../api/problem.ts';
import { Played } from './played.ts';
import { sourceOf, type Verdict, type WatchEvent, WatchLog } from './watch-log.ts';

const every = 10_000;

/** Sends a batch in a request that outlives the page. Refused events never will be counted, so they are done with, too. */
async function send(events: WatchEvent[]): Promise<Verdict> {
	try {
		await data(api.POST('/api/v1/watch', { body: { events }, keepalive: true }));
		return 'done';
	} catch (thrown) {
		const { status } = asProblem(thrown);
		const malformed = status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
		return malformed ? 'done' : 'later';
	}
}

function storage(): Storage | undefined {
	try {
		return localStorage;
	} catch {
		return;
	}
}

/** The log of a person; what an earlier visit could not send goes with the first batch. */
export const watchLog = (person: string): WatchLog => new WatchLog({ person, send, storage: storage() });

/**
 * Logs what of a video is really played: every 10 seconds, when it pauses or ends, and when the page is hidden or
 * closed. Gives the function that ends it, which hands over the rest.
 */
export function followPlay(video: HTMLVideoElement, videoId: string, from: string, log: WatchLog): () => void {
	const played = new Played();
	const source = sourceOf(from);
	const sample = (playing: boolean) =>
		played.sample({ at_ms: video.currentTime * 1000, clock_ms: performance.now(), rate: video.playbackRate, playing });
	const moving = () => !video.paused && !video.ended && !video.seeking && video.readyState > 2;
	const hand = () => {
		log.add(videoId, played.take(), source);
		void log.flush();
	};
	const tick = () => sample(moving());
	const halt = () => {
		sample(false);
		hand();
	};
	const leave = () => {
		if (document.visibilityState === 'hidden') {
			tick();
			hand();
		}
	};
	const on: Partial<Record<keyof HTMLMediaElementEventMap, () => void>> = {
		timeupdate: tick,
		playing: tick,
		ratechange: tick,
		seeking: () => sample(false),
		seeked: tick,
		pause: halt,
		ended: halt,
		emptied: () => sample(false),
	};
	for (const [name, listener] of Object.entries(on)) video.addEventListener(name, listener);
	const timer = setInterval(hand, every);
	document.addEventListener('visibilitychange', leave);
	addEventListener('pagehide', leave);
	addEventListener('online', hand);
	void log.flush();
	return () => {
		for (const [name, listener] of Object.entries(on)) video.removeEventListener(name, listener);
		clearInterval(timer);
		document.removeEventListener('visibilitychange', leave);
		removeEventListener('pagehide', leave);
		removeEventListener('online', hand);
		halt();
	};
}
