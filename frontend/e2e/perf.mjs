// The load budget under throttling, a benchmark and no test: make bench-web
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./kit/typescript.mjs', import.meta.url);
await import('./kit/perf.ts');
