// Runs the browser paths: node e2e/run.mjs [words of names...]
// Node 20 does not read TypeScript; the compiler that is here anyway strips the types as files are loaded.
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./kit/typescript.mjs', import.meta.url);
await import('./kit/main.ts');
