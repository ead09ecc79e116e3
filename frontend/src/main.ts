import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { session } from './api/me.svelte.ts';
import { startRouter } from './router.svelte.ts';
import { scheme, setScheme } from './scheme.ts';

setScheme(scheme());
startRouter();
void session.load();
const target = document.querySelector('#app');
if (target) mount(App, { target });
void import('./pwa.ts').then((pwa) => pwa.registerServiceWorker());
