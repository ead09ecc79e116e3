import type { Schemas } from '../../api/client.ts';

export type Video = Schemas['VideoDTO'];

/** Something with a name. */
export interface Ref {
	readonly id: string;
	readonly name: string;
}

export interface Level {
	readonly points: number;
	readonly name: string;
	readonly description: string;
}

export interface Criterion {
	readonly id: string;
	readonly name: string;
	readonly description: string;
	readonly weight: number;
	/** Low to high; the first is level 1. */
	readonly levels: readonly Level[];
}

export interface Rubric {
	readonly id: string;
	readonly number: number;
	readonly criteria: readonly Criterion[];
}

export interface Pass {
	readonly kind: 'total' | 'each';
	readonly percent: number;
	readonly level: number;
}

export type Decision = 'pass' | 'retry' | 'fail';
export type Status = 'not_started' | 'practising' | 'submitted' | 'retry' | 'passed' | 'failed' | 'left';

export interface Certificate {
	readonly id: string;
	readonly number: string;
	readonly programme: Ref;
	readonly person: Ref;
	readonly issued_at: string;
	readonly expires_at?: string;
	readonly state: 'valid' | 'expiring' | 'expired' | 'revoked' | 'replaced';
	readonly name_public: boolean;
	readonly check_path: string;
	readonly revoke_reason?: string;
}

/** What the public page is told. */
export interface Checked {
	readonly number: string;
	readonly programme: string;
	readonly state: Certificate['state'];
	readonly issued_at: string;
	readonly expires_at?: string;
	readonly holder?: string;
}

/** One's part in a programme. */
export interface Enrolment {
	readonly id: string;
	readonly programme: Ref & { readonly target_ms: number; readonly answer_types: readonly string[] };
	readonly status: Status;
	readonly overdue: boolean;
	readonly due_at?: string;
	readonly attempts: number;
	/** Absent: as many as one likes. */
	readonly attempts_left?: number;
	readonly next_attempt_at?: string;
	readonly expiring: boolean;
	readonly renewable: boolean;
	readonly certificate?: Certificate;
	readonly waiting?: { readonly attempt_id: string; readonly submitted_at: string; readonly swap_until: string };
	readonly last?: {
		readonly attempt_id: string;
		readonly decision: Decision;
		readonly score: number;
		readonly at: string;
		readonly acknowledged: boolean;
	};
}

export interface Phrase {
	readonly phrase: string;
	readonly state: 'found' | 'missing' | 'unclear';
	readonly at_ms?: number;
}

/** What can be counted in a take; each count leads to its second. */
export interface Facts {
	/** waiting: the words are being written down. none: there are none; the note says why. */
	readonly state: 'ready' | 'waiting' | 'none';
	readonly note: string;
	readonly duration_ms: number;
	readonly target_ms: number;
	readonly words: number;
	readonly speaking_ms: number;
	readonly words_per_minute?: number;
	/** Absent where nobody knows what is usual in the language. */
	readonly pace_band?: { readonly low: number; readonly high: number };
	readonly pauses: readonly { readonly start_ms: number; readonly end_ms: number }[];
	readonly fillers: {
		readonly at_least: number;
		/** They are counted in this language at all. */
		readonly known: boolean;
		readonly at: readonly { readonly start_ms: number; readonly word: string }[];
	};
	readonly must_say: readonly Phrase[];
	readonly must_not_say: readonly Phrase[];
	readonly low_confidence: boolean;
	readonly definition: readonly string[];
}

export interface Practice {
	readonly video: Video;
	readonly facts: Facts;
	readonly submitted: boolean;
	readonly goes_at: string;
}

export interface Note {
	readonly id: string;
	readonly at_ms: number;
	readonly kind: 'good' | 'work' | 'question' | 'note';
	readonly text: string;
	readonly voice: boolean;
	readonly review_id: string;
	readonly by: Ref;
	readonly reply?: Video;
}

export interface Result {
	readonly reviewer: Ref;
	readonly message: string;
	readonly rubric: Rubric;
	readonly scores: readonly { readonly criterion_id: string; readonly level: number; readonly carried: boolean }[];
	readonly notes: readonly Note[];
	readonly retry_criteria: readonly string[];
	readonly sent_at: string;
}

export interface Dispute {
	readonly id: string;
	readonly reason: string;
	readonly state: 'open' | 'stands' | 'changed' | 'withdrawn';
	readonly resolution?: string;
	readonly created_at: string;
	readonly resolved_at?: string;
}

export interface Attempt {
	readonly id: string;
	readonly number: number;
	readonly person: Ref;
	readonly programme: Ref;
	readonly enrolment_id: string;
	readonly pass?: Pass;
	readonly video?: Video;
	readonly state: 'waiting' | 'settled';
	readonly submitted_at: string;
	readonly swap_until: string;
	readonly swappable: boolean;
	readonly note?: { readonly at_ms: number; readonly text: string };
	readonly decision?: Decision;
	readonly score?: number;
	readonly settled_at?: string;
	readonly acknowledged_at?: string;
	readonly result?: Result;
	readonly dispute?: Dispute;
	readonly certificate?: Certificate;
	readonly may: {
		readonly acknowledge: boolean;
		readonly dispute: boolean;
		readonly swap: boolean;
		readonly trail: boolean;
	};
}

export interface Attachment {
	readonly title: string;
	readonly url?: string;
	readonly video?: Video;
}

/** All of one's part in a programme. */
export interface EnrolmentFull extends Enrolment {
	readonly brief: string;
	readonly model?: { readonly video: Video; readonly start_ms: number; readonly end_ms: number };
	readonly attachments: readonly Attachment[];
	readonly rubric: Rubric;
	readonly pass: Pass;
	/** Only these are looked at; empty: all. */
	readonly only_criteria: readonly string[];
	readonly must_say: readonly string[];
	readonly must_not_say: readonly string[];
	/** Who looks at it, in words. */
	readonly reviewers: string;
	/** Others' takes may be watched now. */
	readonly peers_open: boolean;
	readonly peers: 'never' | 'before' | 'after';
	readonly practices: readonly Practice[];
	readonly attempts_list: readonly Attempt[];
}

/** A colleague's take that passed. */
export interface PeerTake {
	readonly attempt_id: string;
	readonly person: Ref;
	readonly score: number;
	readonly at: string;
}

/** One step of an attempt's way. */
export interface Step {
	readonly at: string;
	readonly actor?: Ref;
	readonly action: string;
	readonly words: string;
}
