/** Plays a playlist where the browser does not by itself; gives what ends it. `failed` is told of errors that end the play. */
export async function attachHls(video: HTMLVideoElement, url: string, failed: () => void): Promise<() => void> {
	const { default: Hls } = await import('hls.js/light');
	if (!Hls.isSupported()) throw new Error('no media source');
	// The page's policy forbids workers made of text.
	const hls = new Hls({ enableWorker: false, maxBufferLength: 30 });
	hls.on(Hls.Events.ERROR, (_event, { fatal }) => {
		if (fatal) failed();
	});
	hls.loadSource(url);
	hls.attachMedia(video);
	return () => hls.destroy();
}
