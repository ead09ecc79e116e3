import { duration } from '../i18n/format.ts';

/** The words of the player. */
export const en = {
	player: (title: string) => `Player: ${title}`,
	play: 'Play',
	pause: 'Pause',
	again: 'Play again',
	playOn: 'Play on',
	momentOver: 'That was the moment.',
	sound: 'Tap for sound',
	mute: 'Sound off',
	unmute: 'Sound on',
	back: 'Back 5 seconds',
	forward: 'On 5 seconds',
	speed: 'Speed',
	speedNow: (rate: number) => `${rate}×`,
	captions: 'Captions',
	noCaptions: 'Captions come with the transcript',
	full: 'Full screen',
	help: 'Keys',
	waiting: 'Loading',
	seek: 'Position',
	position: (at: number, of: number) => `${duration(at)} of ${duration(of)}`,
	broken: 'This video does not play here. Try again, or open it in another browser.',
	lost: 'The video cannot be loaded. Check the connection, then try again.',
	retry: 'Try again',
} as const;
