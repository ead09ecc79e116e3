import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { type Plugin, transformWithOxc } from 'vite';
import { defineConfig } from 'vitest/config';

/** The chunks of the screens that people open daily. */
const daily = /\/(Home|Search|Watch|Record|Look|Mine)-[^/]+$/;

/** The parts that nearly every screen shows. */
const base =
	/\/src\/(nav|scheme|router\.svelte|api\/(?!schema)[^/]+|i18n\/[^/]+|ui\/(Avatar|Button|Empty|Icon|icons|Load|Page|ProblemNote|Skeleton|Toasts|part|confirm\.svelte|toast\.svelte)|reel\/(VideoCard|VideoGrid|state|moment|en))\.(ts|svelte)/;

const dist = join(import.meta.dirname, 'dist');

/** The files under a folder; none where a build that failed has left no folder. */
function files(dir: string): string[] {
	if (!existsSync(dir)) return [];
	return readdirSync(dir).flatMap((name) => {
		const path = join(dir, name);
		return statSync(path).isDirectory() ? files(path) : [path];
	});
}

/** Writes the service worker with the list of files it keeps, named by their content. */
function serviceWorker(): Plugin {
	return {
		name: 'fieldreel-service-worker',
		apply: 'build',
		async closeBundle() {
			const built = files(dist);
			if (built.length === 0) return;
			const shell = built
				.map((path) => `/${relative(dist, path)}`)
				.filter((path) => /\.(js|css|svg|webmanifest)$/.test(path) && !/hls/.test(path))
				.sort();
			const source = readFileSync(join(import.meta.dirname, 'src/sw.ts'), 'utf8');
			const { code } = await transformWithOxc(source, 'sw.ts');
			writeFileSync(join(dist, 'sw.js'), code.replace('self.__SHELL__', JSON.stringify(shell)));
		},
	};
}

/** Writes a .gz and a .br beside every file that shrinks, so that the server sends what is ready. */
function compressed(): Plugin {
	return {
		name: 'fieldreel-compressed',
		apply: 'build',
		enforce: 'post',
		closeBundle: {
			order: 'post',
			sequential: true,
			handler() {
				for (const path of files(dist)) {
					if (!/\.(js|css|html|svg|webmanifest)$/.test(path)) continue;
					const plain = readFileSync(path);
					if (plain.length < 512) continue;
					writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
					const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
					writeFileSync(`${path}.br`, brotliCompressSync(plain, { params }));
				}
			},
		},
	};
}

export default defineConfig(({ mode }) => ({
	plugins: [svelte(), serviceWorker(), compressed()],
	build: {
		target: 'es2022',
		rolldownOptions: {
			checks: { pluginTimings: false }, // says how busy the machine was, and nothing about the code
			output: {
				// What the first screen needs anyway, in one file: it packs better, and is asked for once.
				codeSplitting: { groups: [{ name: 'base', test: base }] },
			},
		},
		assetsInlineLimit: 0, // the page's policy allows no data: scripts or styles
		modulePreload: {
			polyfill: false,
			// What a chunk imports is fetched beside it where people wait: for what they do daily. Of every other screen
			// only the styles are named: the list of all would be a tenth of the first load.
			resolveDependencies: (chunk, deps) => (daily.test(chunk) ? deps : deps.filter((dep) => dep.endsWith('.css'))),
		},
		manifest: 'assets/manifest.json',
		reportCompressedSize: false,
	},
	server: { proxy: { '/api': 'http://127.0.0.1:8080', '/media': 'http://127.0.0.1:8080' } },
	...(mode === 'test' ? { resolve: { conditions: ['browser'] } } : {}),
	test: {
		environment: 'happy-dom',
		include: ['src/**/*.test.ts'],
		setupFiles: ['src/test-setup.ts'],
		restoreMocks: true,
		testTimeout: 60_000, // machines are shared; a test that hangs is found all the same
	},
}));
