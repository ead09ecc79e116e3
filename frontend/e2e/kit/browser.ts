import { type Browser, type BrowserContextOptions, chromium, devices } from 'playwright-core';
import { cameraPicture, cameraSound } from './clips.ts';

export type Device = 'iphone' | 'pixel' | 'desktop';

const phone = { isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** The sizes at which paths are walked. */
export const device: Record<Device, BrowserContextOptions> = {
	iphone: { ...phone, viewport: { width: 390, height: 844 }, userAgent: devices['iPhone 15']?.userAgent ?? '' },
	pixel: { ...phone, viewport: { width: 412, height: 915 }, userAgent: devices['Pixel 7']?.userAgent ?? '' },
	desktop: { viewport: { width: 1280, height: 800 } },
};

/** Starts Debian's Chromium with a camera and a microphone that play files, and without calls of its own. */
export async function launch(camera = cameraPicture()): Promise<Browser> {
	const [picture, sound] = await Promise.all([camera, cameraSound()]);
	return chromium.launch({
		executablePath: process.env.FIELDREEL_CHROMIUM ?? '/usr/bin/chromium',
		args: [
			// Chromium's own sandbox does not work for root, as which CI often runs.
			...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
			...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
			...['--disable-component-update', '--disable-sync', '--mute-audio', '--force-color-profile=srgb'],
			...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
			...[`--use-file-for-fake-video-capture=${picture}`, `--use-file-for-fake-audio-capture=${sound}`],
		],
	});
}
