/** Where a take is on its way, and how a screen sees it. */
import { type FileSource, GrowingSource } from './source.ts';
import type { Details, Purpose, Refusal, Source, TakeRow } from './take.ts';

/**
 * Where a take is. recording: still growing, and on its way already. waiting: safe on this phone, goes on by itself.
 * sign_in: safe, goes on after a sign-in. file: the rest is in a file that has to be picked again. elsewhere: another
 * tab sends it. mobile: large, and this is mobile data. checking: the server has all, hashes are compared. refused: the
 * server does not take it, and the person has to decide. sent: the server has it, and this phone needs it no more.
 */
export type Phase =
	| 'recording'
	| 'waiting'
	| 'sending'
	| 'checking'
	| 'sent'
	| 'sign_in'
	| 'file'
	| 'elsewhere'
	| 'mobile'
	| 'refused';

/** A take as screens show it. */
export interface Take {
	readonly id: string;
	readonly source: Source;
	/** Null: a take like any other. */
	readonly purpose: Purpose | null;
	readonly title: string;
	readonly filename: string;
	readonly mime: string;
	readonly startedAt: number;
	readonly durationMs: number;
	readonly phase: Phase;
	/** Bytes of the whole as far as known. */
	readonly size: number;
	/** Bytes that have left the phone. */
	readonly sent: number;
	/** At the speed of the last seconds; null while unknown. */
	readonly secondsLeft: number | null;
	readonly videoId: string | null;
	readonly details: Details | null;
	readonly refusal: Refusal | null;
	/** Every byte is on the disk: the page can be closed. False: keep it open until it is sent. */
	readonly safe: boolean;
	/** The recording was cut off (a crash, an empty battery); what was kept is complete as far as it goes. */
	readonly cut: boolean;
}

/** A take in the list, with what runs for it. */
export interface Entry {
	row: TakeRow;
	phase: Phase;
	sent: number;
	source: GrowingSource | FileSource | null;
	recording: boolean;
	/** A screen shows it: it is not forgotten when it is sent. */
	held: boolean;
	/** The person said to send it over mobile data. */
	meteredOk: boolean;
	rate: { at: number; sent: number; perSecond: number | null };
	run: { stop: AbortController; done: Promise<void> } | null;
	/** Somebody asked for another look while the sender was at it. */
	again: boolean;
	/** Ends a wait between two tries. */
	wake: (() => void) | null;
}

/** A take in the list that nothing has been done for yet. */
export function entryOf(row: TakeRow, source: Entry['source']): Entry {
	const rate = { at: 0, sent: 0, perSecond: null };
	return {
		row,
		source,
		phase: 'waiting',
		sent: 0,
		recording: false,
		held: false,
		meteredOk: false,
		rate,
		run: null,
		again: false,
		wake: null,
	};
}

/** The take as a screen sees it. */
export function view(e: Entry): Take {
	const { row, phase, sent, source } = e;
	const size = row.size ?? row.file?.size ?? source?.available ?? row.written;
	const perSecond = e.rate.perSecond;
	return {
		id: row.id,
		source: row.source,
		purpose: row.purpose ?? null,
		title: row.title,
		filename: row.filename,
		mime: row.mime,
		startedAt: row.startedAt,
		durationMs: row.durationMs,
		phase: e.recording ? 'recording' : phase,
		size,
		sent: Math.min(sent, size),
		secondsLeft: phase === 'sending' && perSecond ? Math.ceil((size - sent) / perSecond) : null,
		videoId: row.videoId,
		details: row.details,
		refusal: row.refusal,
		safe: source instanceof GrowingSource ? source.safe : row.videoId !== null,
		cut: !row.stopped && !e.recording && row.file === null,
	};
}
