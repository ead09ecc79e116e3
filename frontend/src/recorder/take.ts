/**
 * A take on this phone, as it is kept beside its bytes. The words are those of the product: a take is one recording
 * from one press of the button, or one picked file, before it is published.
 */
import type { Sha256State } from './sha256.ts';

export type Source = 'camera' | 'screen' | 'file';

export type Audience = 'private' | 'line' | 'team' | 'teams' | 'everyone';

export interface Situation {
	text?: string;
	stage?: string;
	industry?: string;
	persona?: string;
	competitor?: string;
	product?: string;
	objection?: string;
}

/** What the person said about the take on this phone; told to the server once the video exists there. */
export interface Details {
	title?: string;
	audience?: Audience;
	team_ids?: string[];
	situation?: Situation;
	tactics?: string[];
}

/** What a recording is made for, where it is no take to publish: the server keeps it apart from its first byte on. */
export interface Purpose {
	/** practice: seen by its author alone. reply: part of a review. */
	readonly kind: 'practice' | 'reply';
	/** The enrolment or the assigned practice; the review. */
	readonly for: string;
}

/** By what a picked file is known again when it has to be picked once more. */
export interface FileMark {
	readonly name: string;
	readonly size: number;
	/** SHA-256 of the first MiB. */
	readonly head: string;
}

export interface Refusal {
	/** The server's problem code, or one of ours: hash_differs, shorter_than_sent. */
	readonly code: string;
	/** The server's words, if it gave any. */
	readonly detail: string;
}

export interface TakeRow {
	readonly id: string;
	/** Who recorded it: on a shared phone nobody else's sign-in may send it. */
	readonly owner: string;
	readonly source: Source;
	/** Absent: a take like any other. */
	readonly purpose?: Purpose;
	/** What the server is told as client_id: the same id twice is the same upload. */
	readonly clientId: string;
	readonly filename: string;
	readonly mime: string;
	/** The name it gets where the person gives none. */
	readonly title: string;
	/** Milliseconds since 1970. */
	readonly startedAt: number;
	readonly durationMs: number;
	/** Bytes [0, written) are in the spool. */
	readonly written: number;
	/** The whole; null while it is still growing. */
	readonly size: number | null;
	/** Of bytes [0, hash.length): all that is written, or for a file that is not copied, all that was read. */
	readonly hash: Sha256State;
	/** Where the server receives it; null before it was asked. */
	readonly url: string | null;
	/** Set for a picked file. */
	readonly file: FileMark | null;
	/** The person ended the recording. False after a crash in the middle of it. */
	readonly stopped: boolean;
	/** The video it became; the server's receipt was equal. */
	readonly videoId: string | null;
	readonly details: Details | null;
	/** Given up by the person: the bytes are gone, the server may still have to be told. */
	readonly discarded: boolean;
	/** Why the server does not take it; it is kept and waits for the person. */
	readonly refusal: Refusal | null;
}

/** What may be said about a row after it was begun. Bytes and hash grow through append only. */
export type TakeChange = Partial<
	Pick<
		TakeRow,
		'clientId' | 'durationMs' | 'size' | 'hash' | 'url' | 'stopped' | 'videoId' | 'details' | 'refusal' | 'title'
	>
>;

/** What the server has of an upload. */
export interface Receipt {
	readonly state: 'receiving' | 'finished';
	readonly size: number;
	readonly sha256: string;
	readonly videoId: string;
}
