import type { Schemas } from '../../api/client.ts';

// What reviews are made of, as the API gives it.

/** Somebody or something by its name. */
export interface Ref {
	readonly id: string;
	readonly name: string;
}

export type Kind = 'good' | 'work' | 'question' | 'note';
export type Decision = 'pass' | 'retry' | 'fail';
export type Role = 'first' | 'second' | 'third' | 'dispute' | 'again';
export type Box = 'mine' | 'pool' | 'team' | 'done';

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
	/** Low to high; level 1 is the first. */
	readonly levels: readonly Level[];
}

export interface Pass {
	readonly kind: 'total' | 'each';
	readonly percent: number;
	readonly level: number;
}

/** A note of a draft. */
export interface DraftNote {
	readonly id: string;
	readonly at_ms: number;
	readonly kind: Kind;
	readonly text: string;
	readonly voice: boolean;
	readonly reply_video_id?: string;
}

/** What the server keeps of a review that is not sent yet. */
export interface Draft {
	readonly version: number;
	readonly levels: Readonly<Record<string, number>>;
	readonly notes: readonly DraftNote[];
	readonly decision?: Decision;
	readonly retry_criteria: readonly string[];
	readonly message: string;
	readonly saved_at?: string;
}

/** A phrase and whether it was said. */
export interface Said {
	readonly phrase: string;
	readonly state: 'found' | 'missing' | 'unclear';
	readonly at_ms?: number;
}

/** What can be counted in a take. */
export interface Facts {
	readonly state: 'ready' | 'waiting' | 'none';
	readonly note?: string;
	readonly duration_ms: number;
	readonly target_ms: number;
	readonly words: number;
	readonly speaking_ms: number;
	readonly words_per_minute?: number;
	readonly pace_band?: { readonly low: number; readonly high: number };
	readonly pauses: readonly { readonly start_ms: number; readonly end_ms: number }[];
	readonly fillers: {
		readonly at_least: number;
		/** Whether they are counted in this language at all. */
		readonly known: boolean;
		readonly at: readonly { readonly start_ms: number; readonly word: string }[];
	};
	readonly must_say: readonly Said[];
	readonly must_not_say: readonly Said[];
	readonly low_confidence: boolean;
	readonly definition: readonly string[];
}

export interface Rubric {
	readonly id: string;
	readonly number: number;
	readonly criteria: readonly Criterion[];
}

/** What a review gave. */
export interface Result {
	readonly reviewer: Ref;
	readonly message: string;
	readonly rubric: Rubric;
	readonly scores: readonly { readonly criterion_id: string; readonly level: number; readonly carried: boolean }[];
	readonly notes: readonly {
		readonly id: string;
		readonly at_ms: number;
		readonly kind: Kind;
		readonly text: string;
		readonly voice: boolean;
	}[];
	readonly retry_criteria: readonly string[];
	readonly sent_at: string;
}

/** A review as lists show it. */
export interface Item {
	readonly id: string;
	readonly attempt: {
		readonly id: string;
		readonly number: number;
		readonly person: Ref;
		readonly programme: Ref;
		/** Absent where one may not see it: until one has taken the review on. */
		readonly video?: Schemas['VideoDTO'];
		readonly duration_ms: number;
		readonly submitted_at: string;
		readonly note?: { readonly at_ms: number; readonly text: string };
	};
	readonly role: Role;
	readonly state: 'waiting' | 'sent' | 'dropped';
	readonly reviewer?: Ref;
	readonly deputy_for?: Ref;
	readonly claimable: boolean;
	readonly due_at?: string;
	readonly waiting_since: string;
	readonly overdue: boolean;
	readonly only_criteria: readonly string[];
	readonly has_draft: boolean;
	readonly sent_at?: string;
	readonly decision?: Decision;
	readonly score?: number;
}

/** A review with all that its reviewer needs. */
export interface Review extends Item {
	readonly rubric: Rubric;
	readonly pass: Pass;
	readonly carried: readonly { readonly criterion_id: string; readonly level: number }[];
	readonly draft: Draft;
	readonly target_ms: number;
	readonly previous?: Result;
	readonly may: {
		readonly send: boolean;
		readonly claim: boolean;
		readonly release: boolean;
		readonly reassign: boolean;
	};
}

/** How much waits in a box. */
export interface Summary {
	readonly count: number;
	readonly minutes: number;
	readonly due_today: number;
	readonly overdue: number;
	readonly oldest_wait_hours: number;
}

/** A result that is disputed. */
export interface Dispute {
	readonly id: string;
	readonly attempt: {
		readonly id: string;
		readonly number: number;
		readonly programme: Ref;
		readonly video?: Schemas['VideoDTO'];
		readonly decision?: Decision;
		readonly score?: number;
		readonly settled_at?: string;
	};
	readonly person: Ref;
	readonly reason: string;
	readonly state: 'open' | 'stands' | 'changed' | 'withdrawn';
	readonly rubric_version: number;
	/** In the answer with one dispute. */
	readonly rubric?: Rubric;
	/** For who weighs it. */
	readonly reviews: readonly {
		readonly id: string;
		readonly role: Role;
		readonly reviewer?: Ref;
		readonly score?: number;
		readonly decision?: Decision;
		readonly scores: readonly { readonly criterion_id: string; readonly level: number; readonly carried: boolean }[];
		readonly message: string;
	}[];
	readonly third?: {
		readonly review_id: string;
		readonly state: 'waiting' | 'sent' | 'dropped';
		readonly reviewer?: Ref;
	};
	readonly resolution?: string;
	readonly resolved_by?: Ref;
	readonly created_at: string;
	readonly resolved_at?: string;
	readonly may: { readonly resolve: boolean; readonly ask_third: boolean; readonly withdraw: boolean };
}
