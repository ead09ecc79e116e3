// @vitest-environment node
import { describe, expect, it } from 'vitest';

const sources = import.meta.glob<string>('./**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true });

/** What a file imports, as paths below src. */
function imports(path: string, source: string): string[] {
	const dir = new URL(path, 'file:///');
	return [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((found) =>
		new URL(found[1] ?? '', dir).pathname.slice(1),
	);
}

/** Which folders a folder may use beside itself. */
const allowed: Record<string, readonly string[]> = {
	i18n: [],
	api: ['i18n'],
	ui: ['api', 'i18n'],
	recorder: ['api', 'i18n'],
	player: ['api', 'ui', 'i18n'],
	charts: ['ui', 'i18n'],
	reel: ['api', 'ui', 'i18n'],
	features: ['api', 'ui', 'reel', 'player', 'charts', 'recorder', 'i18n'],
};

describe('who may import whom', () => {
	for (const [path, source] of Object.entries(sources)) {
		const here = path.slice(2).split('/');
		const folder = here.length > 1 ? (here[0] ?? '') : '';
		if (!(folder in allowed)) continue;
		it(path, () => {
			for (const target of imports(path, source)) {
				const there = target.split('/');
				if (there.length === 1) {
					expect(['router.svelte.ts', 'nav.ts', 'scheme.ts']).toContain(there[0]);
				} else if (there[0] === folder) {
					if (folder === 'features') expect(there[1], `${target} is another feature`).toBe(here[1]);
				} else {
					expect(allowed[folder], `${folder} may not import ${target}`).toContain(there[0]);
				}
			}
			if (folder === 'recorder') expect(source).not.toMatch(/from 'svelte/);
		});
	}
});

// Vite moves what follows `import()` by `.then` to where a style sheet that failed to load does not reach it: the
// rejection stays unhandled. `await` in a `try` is not moved.
it('no part is brought by import().then()', () => {
	for (const [path, source] of Object.entries(sources)) {
		if (!path.endsWith('.test.ts')) expect(source, path).not.toMatch(/import\('[^']+'\)\s*\.then/);
	}
});

// A block that awaits has nobody to catch it: without a network the part would never come, and the error be nobody's.
it('a screen brings its parts by part()', () => {
	for (const [path, source] of Object.entries(sources)) expect(source, path).not.toMatch(/\{#await import\(/);
});
