// The pictures of the README, from a demo company that has come to rest: node frontend/e2e/pictures.mjs http://127.0.0.1:8080
import { register } from 'node:module';

register('./kit/typescript.mjs', import.meta.url);
await import('./kit/pictures.ts');
