import { watchLevel } from '../../recorder/level.ts';
import type { OpenMic } from './hold.svelte.ts';

/** What browsers record, the one that all of them play first. */
const types = ['audio/mp4', 'audio/webm;codecs=opus', 'audio/webm', 'audio/ogg;codecs=opus'];

/** The microphone of the device. Speech needs few bits: a minute is a quarter of a megabyte. */
export const openMic: OpenMic = async (onLevel) => {
	// Without TLS browsers have no such thing.
	if (!navigator.mediaDevices || typeof MediaRecorder === 'undefined')
		throw new DOMException('no microphone', 'NotSupportedError');
	const stream = await navigator.mediaDevices.getUserMedia({
		audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
	});
	const mimeType = types.find((type) => MediaRecorder.isTypeSupported(type));
	const recorder = new MediaRecorder(stream, { audioBitsPerSecond: 32_000, ...(mimeType ? { mimeType } : {}) });
	const parts: Blob[] = [];
	recorder.addEventListener('dataavailable', (event) => parts.push(event.data));
	const quiet = watchLevel(stream, onLevel);
	const close = () => {
		quiet();
		for (const track of stream.getTracks()) track.stop();
	};
	recorder.start();
	return {
		finish: () =>
			new Promise((resolve, reject) => {
				recorder.addEventListener('stop', () => {
					close();
					resolve(new Blob(parts, { type: recorder.mimeType || mimeType || 'audio/webm' }));
				});
				recorder.addEventListener('error', () => {
					close();
					reject(new DOMException('recording failed', 'AbortError'));
				});
				if (recorder.state === 'inactive') recorder.dispatchEvent(new Event('stop'));
				else recorder.stop();
			}),
		drop() {
			if (recorder.state !== 'inactive') recorder.stop();
			close();
		},
	};
};
