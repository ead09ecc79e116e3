import type { Schemas } from '../api/client.ts';

type Video = Pick<Schemas['VideoDTO'], 'state' | 'failure' | 'transcript_state'>;

/** The state of a video in a few words; "" where there is nothing to say: it plays. */
export function stateWords(video: Video): string {
	switch (video.state) {
		case 'processing':
			return 'Getting ready';
		case 'playable':
			return 'Plays, still improving';
		case 'failed':
			return 'Did not work';
		default:
			return '';
	}
}
