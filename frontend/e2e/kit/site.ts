import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './wait.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const binary = process.env.FIELDREEL_BIN ?? join(root, 'bin', 'fieldreel');
const tools = process.env.FIELDREEL_TOOLS ?? join(homedir(), '.cache', 'fieldreel');
const running = new Set<ChildProcess>();
// Whatever ends this program ends the servers that it started.
process.on('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

/** A running Fieldreel with a data folder of its own. */
export interface Site {
	readonly base: string;
	/** What it printed at its start. */
	readonly greeting: string;
	/** Runs `fieldreel ARGS…` on the same data and gives what it printed. */
	run(args: string[], input?: string): Promise<string>;
	/** The last lines of the server's log. */
	log(): string;
	stop(): Promise<void>;
}

/** Starts `fieldreel serve`, or another command that serves, on a free port and waits until it can take work. */
export async function start(args: string[] = ['serve']): Promise<Site> {
	if (!existsSync(binary)) throw new Error(`${binary} is not there: make build`);
	const dir = await mkdtemp(join(tmpdir(), 'fieldreel-web-'));
	const env: NodeJS.ProcessEnv = {
		...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('FIELDREEL_'))),
		FIELDREEL_DATA: join(dir, 'data'),
		FIELDREEL_MODELS: process.env.FIELDREEL_MODELS ?? join(tools, 'models'),
		FIELDREEL_RESERVE: '1048576',
		FIELDREEL_LISTEN: '127.0.0.1:0',
		TZ: 'UTC',
	};
	let log = '';
	let greeting = '';
	const child = spawn(binary, args, { env, cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
	running.add(child);
	const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
	child.once('exit', () => running.delete(child));
	child.stdout.on('data', (chunk: Buffer) => {
		greeting += chunk;
	});
	child.stderr.on('data', (chunk: Buffer) => {
		log = (log + chunk).slice(-100_000);
	});
	const tail = () => log.trimEnd().split('\n').slice(-30).join('\n');
	const stop = async () => {
		child.kill('SIGTERM');
		const late = setTimeout(() => child.kill('SIGKILL'), 40_000);
		await exited;
		clearTimeout(late);
		await rm(dir, { recursive: true, force: true });
	};
	try {
		const base = await until(
			'the address that the server prints',
			() => {
				if (child.exitCode !== null) throw new Error(`it ended:\n${tail()}`);
				return /Fieldreel is at (\S+)/.exec(greeting)?.[1];
			},
			60_000,
		);
		await until('readiness', async () => (await fetch(`${base}/readyz`)).ok, 60_000);
		const page = await (await fetch(base)).text();
		if (!page.includes('id="app"')) throw new Error(`${binary} holds no web client: make build`);
		return { base, greeting, log: tail, stop, run: (extra, input) => run(env, dir, extra, input) };
	} catch (thrown) {
		await stop();
		throw thrown;
	}
}

function run(env: NodeJS.ProcessEnv, cwd: string, args: string[], input = ''): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(binary, args, { env, cwd });
		let out = '';
		let errors = '';
		child.stdout.on('data', (chunk: Buffer) => {
			out += chunk;
		});
		child.stderr.on('data', (chunk: Buffer) => {
			errors += chunk;
		});
		child.once('error', reject);
		child.once('close', (code) => {
			if (code === 0) resolve(out.trim());
			else reject(new Error(`fieldreel ${args.join(' ')}: exit code ${code}\n${errors}`));
		});
		child.stdin.end(input);
	});
}
