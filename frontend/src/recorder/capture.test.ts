import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CaptureError, type EndReason, extensionOf, formatFor, openCamera, Recording } from './capture.ts';

class Track extends EventTarget {
	stop = vi.fn();
}
const streamOf = (...tracks: Track[]) => ({ getTracks: () => tracks }) as unknown as MediaStream;

/** A recorder that hands out a slice when asked, and its rest on stop, as browsers do. */
class FakeRecorder extends EventTarget {
	static last: FakeRecorder;
	static supported = (mime: string) => mime.startsWith('video/webm');
	static isTypeSupported = (mime: string) => FakeRecorder.supported(mime);
	state: RecordingState = 'inactive';
	mimeType = 'video/x-matroska;codecs=avc1';
	options: MediaRecorderOptions;

	constructor(_stream: MediaStream, options: MediaRecorderOptions) {
		super();
		this.options = options;
		FakeRecorder.last = this;
	}
	start() {
		this.state = 'recording';
	}
	emit(text: string) {
		this.dispatchEvent(Object.assign(new Event('dataavailable'), { data: new Blob([text]) }));
	}
	requestData() {
		this.emit('flushed');
	}
	stop() {
		this.state = 'inactive';
		this.emit('rest');
		this.dispatchEvent(new Event('stop'));
	}
}

function hide(hidden: boolean) {
	vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(hidden ? 'hidden' : 'visible');
	document.dispatchEvent(new Event('visibilitychange'));
}

beforeEach(() => {
	vi.stubGlobal('MediaRecorder', FakeRecorder);
	vi.stubGlobal('isSecureContext', true);
});
afterEach(() => vi.unstubAllGlobals());

describe('the format', () => {
	test('is MP4 with a named codec wherever there is one', () => {
		expect(formatFor(() => true)).toBe('video/mp4;codecs=avc1.42E01E,mp4a.40.2');
		expect(formatFor((m) => !m.includes('mp4a'))).toBe('video/mp4;codecs=avc1.42E01E,opus');
		expect(formatFor((m) => m === 'video/webm')).toBe('video/webm');
		expect(formatFor(() => false)).toBeUndefined();
	});

	test('is named after what was made, not after what was asked for', () => {
		expect(extensionOf('video/mp4;codecs=avc1')).toBe('mp4');
		expect(extensionOf('video/x-matroska;codecs=avc1')).toBe('mkv');
		expect(extensionOf('video/webm')).toBe('webm');
		const recording = new Recording(streamOf(new Track()), { onSlice: () => {}, onEnd: () => {} });
		expect(FakeRecorder.last.options.mimeType).toBe('video/webm;codecs=vp9,opus');
		expect(recording.mime).toBe('video/x-matroska;codecs=avc1');
		recording.stop();
	});
});

describe('a recording', () => {
	function begin(more: { endWhenHidden?: boolean; maxMs?: number } = {}) {
		const slices: Blob[] = [];
		const ends: EndReason[] = [];
		const track = new Track();
		let now = 0;
		const recording = new Recording(streamOf(track), {
			onSlice: (slice) => slices.push(slice),
			onEnd: (reason, ms) => ends.push(reason) && expect(ms).toBe(now),
			now: () => now,
			...more,
		});
		const texts = async () => Promise.all(slices.map((slice) => slice.text()));
		return { recording, track, ends, texts, at: (ms: number) => (now = ms) };
	}

	test('hands out every slice and ends once', async () => {
		const r = begin();
		FakeRecorder.last.emit('one');
		FakeRecorder.last.emit('');
		r.at(2500);
		r.recording.stop();
		r.recording.stop();
		r.track.dispatchEvent(new Event('ended'));
		expect(await r.texts()).toEqual(['one', 'rest']);
		expect(r.ends).toEqual(['stopped']);
	});

	test('keeps what it has when the camera is taken away', async () => {
		const r = begin();
		FakeRecorder.last.emit('one');
		r.track.dispatchEvent(new Event('ended'));
		expect(await r.texts()).toEqual(['one', 'rest']);
		expect(r.ends).toEqual(['track_ended']);
	});

	test('keeps what it has when the recorder fails', () => {
		const r = begin();
		FakeRecorder.last.dispatchEvent(new Event('error'));
		expect(r.ends).toEqual(['recorder_failed']);
	});

	test('on a phone ends when the page is hidden', async () => {
		const r = begin({ endWhenHidden: true });
		hide(true);
		expect(await r.texts()).toEqual(['rest']);
		expect(r.ends).toEqual(['hidden']);
	});

	test('elsewhere goes on behind another tab, with everything so far handed out', async () => {
		const r = begin();
		hide(true);
		expect(await r.texts()).toEqual(['flushed']);
		hide(false);
		expect(r.ends).toEqual([]);
		window.dispatchEvent(new Event('pagehide'));
		expect(r.ends).toEqual(['hidden']);
	});

	test('ends at the limit', () => {
		vi.useFakeTimers();
		const r = begin({ maxMs: 1000 });
		r.at(1000);
		vi.advanceTimersByTime(1000);
		vi.useRealTimers();
		expect(r.ends).toEqual(['too_long']);
	});
});

describe('what can be wrong with the camera', () => {
	const withDevices = (error: unknown, kinds: string[] = ['videoinput']) =>
		vi.stubGlobal('navigator', {
			mediaDevices: {
				getUserMedia: () => Promise.reject(error),
				enumerateDevices: async () => kinds.map((kind) => ({ kind })),
			},
		});
	const codeOf = () =>
		openCamera().then(String, (error) => (error instanceof CaptureError ? error.code : String(error)));

	test.each([
		['NotAllowedError', 'refused'],
		['NotReadableError', 'in_use'],
		['NotFoundError', 'no_microphone'],
		['TypeError', 'failed'],
	])('%s is %s', async (name, code) => {
		withDevices(new DOMException('', name));
		expect(await codeOf()).toBe(code);
	});

	test('no camera is told from no microphone', async () => {
		withDevices(new DOMException('', 'NotFoundError'), ['audioinput']);
		expect(await codeOf()).toBe('no_camera');
	});

	test('a page without TLS, and a browser without a camera', async () => {
		vi.stubGlobal('navigator', {});
		expect(await codeOf()).toBe('unsupported');
		vi.stubGlobal('isSecureContext', false);
		expect(await codeOf()).toBe('insecure');
	});
});
