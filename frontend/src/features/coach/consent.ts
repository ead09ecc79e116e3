import type { Promotion } from './types.ts';

type Audience = Promotion['audience'];

const within: Readonly<Record<Audience, readonly Audience[]>> = {
	everyone: ['everyone', 'team', 'line'],
	teams: ['teams', 'line'],
	team: ['team', 'line'],
	line: ['line'],
};

/** The audiences that an author may agree to: the one that was suggested, and those of fewer people. */
export const narrower = (suggested: Audience): readonly Audience[] => within[suggested];
