import type { Schemas } from '../../api/client.ts';

export type Video = Schemas['VideoDTO'];
export type Ref = { readonly id: string; readonly name: string };

export interface Criterion {
	readonly id: string;
	readonly name: string;
	readonly description: string;
	readonly weight: number;
	readonly levels: readonly { readonly points: number; readonly name: string; readonly description: string }[];
}
export interface Rubric {
	readonly id: string;
	readonly rubric_id: string;
	readonly number: number;
	readonly criteria: readonly Criterion[];
}
/** Levels by criterion, from 1. */
export type Levels = Readonly<Record<string, number>>;

export interface Take {
	readonly gold_id: string;
	readonly title: string;
	readonly video?: Video;
	readonly rubric: Rubric;
	readonly scored: boolean;
	readonly again: boolean;
	readonly mine?: readonly { readonly criterion_id: string; readonly level: number }[];
	readonly panel?: readonly {
		readonly criterion_id: string;
		readonly level: number;
		readonly levels: readonly number[];
	}[];
	readonly gaps?: readonly { readonly criterion_id: string; readonly by: number }[];
}
export interface Interval {
	readonly low: number;
	readonly high: number;
}
export interface Agreement {
	readonly n: number;
	readonly takes: number;
	readonly state: 'too_few' | 'ready';
	readonly severity?: Interval & { readonly mean: number };
	readonly kappa?: Interval & { readonly value: number };
	readonly definition: string;
	readonly words: string;
}
export interface Figures {
	readonly reviewer: Ref;
	readonly panel: Agreement;
	readonly colleagues: Agreement;
}
export interface Month {
	readonly month: string;
	readonly due_on: string;
	readonly reviewer: boolean;
	readonly skipped: boolean;
	readonly skips_left: number;
	readonly takes: readonly Take[];
	readonly stats: Figures;
}
export interface Gold {
	readonly id: string;
	readonly title: string;
	readonly video_id: string;
	readonly video?: Video;
	readonly usable: boolean;
	readonly rubric: Rubric;
	readonly panel: readonly { readonly person: Ref; readonly levels: Levels }[];
	readonly panel_hidden: boolean;
	readonly scored_by: number;
	readonly created_by?: Ref;
	readonly retired_at?: string;
}
