import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const folder = join(import.meta.dirname, '..', '..', '..', '.tools', 'web', 'clips');
const font = '/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf';
const ffmpeg = promisify(execFile);

/** A short upright video in which a voice says these words; made once and kept. */
export function clip(words: string, seconds: number, hue: string): Promise<string> {
	return made('mp4', [
		...[
			'-f',
			'lavfi',
			'-i',
			`gradients=s=360x640:r=25:c0=${hue}:c1=0x16180f:x0=0:y0=0:x1=360:y1=640:speed=0.02:d=${seconds}`,
		],
		...['-f', 'lavfi', '-i', `flite=voice=slt:text='${words.replace(/['\\:]/g, ' ')}'`],
		...['-vf', `drawtext=fontfile=${font}:fontsize=44:fontcolor=white:x=(w-tw)/2:y=h*0.45:text='%{pts\\:hms}'`],
		...['-af', `apad,atrim=0:${seconds}`, '-ar', '48000', '-t', String(seconds)],
		...[
			'-c:v',
			'libx264',
			'-preset',
			'veryfast',
			'-pix_fmt',
			'yuv420p',
			'-g',
			'25',
			'-c:a',
			'aac',
			'-movflags',
			'+faststart',
		],
	]);
}

/** What Chromium's fake camera shows, upright as a phone holds it; it loops. */
export function cameraPicture(): Promise<string> {
	return made('mjpeg', [
		...['-f', 'lavfi', '-i', 'gradients=s=720x1280:r=30:c0=0x3d4a3a:c1=0xc9b27a:speed=0.03:d=6'],
		...[
			'-vf',
			`drawbox=x=270+60*sin(t):y=430:w=180:h=420:c=0x16180f@0.55:t=fill,drawtext=fontfile=${font}:fontsize=64:fontcolor=white:x=(w-tw)/2:y=200:text='%{pts\\:hms}'`,
		],
		// Chromium's fake camera shows plain green for the 4:4:4 that ffmpeg would choose.
		...['-pix_fmt', 'yuvj420p', '-t', '6', '-q:v', '6'],
	]);
}

/** What its microphone hears: words that a search can find again. */
export function cameraSound(): Promise<string> {
	const words =
		'They told me the rollout takes too long. I said we start with one team, and in two weeks you will see the first result.';
	return made('wav', ['-f', 'lavfi', '-i', `flite=voice=slt:text='${words}'`, '-af', 'apad=pad_dur=1', '-ar', '48000']);
}

/** Under way or done in this run: specs that want the same clip at once make it once. */
const making = new Map<string, Promise<string>>();

/** Runs ffmpeg unless the file that these arguments give is there; kept under a name of the arguments. */
function made(suffix: string, args: string[]): Promise<string> {
	const path = join(folder, `${createHash('sha256').update(args.join('\0')).digest('hex').slice(0, 16)}.${suffix}`);
	const known = making.get(path) ?? make(path, suffix, args);
	making.set(path, known);
	return known;
}

async function make(path: string, suffix: string, args: string[]): Promise<string> {
	if (await stat(path).catch(() => null)) return path;
	await mkdir(folder, { recursive: true });
	// Another run may be at it, too: each under a name of its own, and the last rename wins.
	const part = `${path}.${process.pid}.${suffix}`;
	await ffmpeg('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args, part]);
	await rename(part, path);
	return path;
}
