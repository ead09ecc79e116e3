// A module hook of Node: .ts files become JavaScript when they are loaded. Types are checked apart (npm run check).
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const compilerOptions = {
	target: ts.ScriptTarget.ES2022,
	module: ts.ModuleKind.ESNext,
	verbatimModuleSyntax: true,
	inlineSourceMap: true,
};

/**
 * @param {string} url
 * @param {import('node:module').LoadHookContext} context
 * @param {(url: string, context: import('node:module').LoadHookContext) => Promise<import('node:module').LoadFnOutput>} next
 * @returns {Promise<import('node:module').LoadFnOutput>}
 */
export async function load(url, context, next) {
	if (!url.endsWith('.ts') || url.includes('/node_modules/')) return next(url, context);
	const fileName = fileURLToPath(url);
	const { outputText } = ts.transpileModule(await readFile(fileName, 'utf8'), { fileName, compilerOptions });
	return { format: 'module', source: outputText, shortCircuit: true };
}
