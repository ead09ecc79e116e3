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
// Styles that could not be fetched must not count as there: a screen opened again later would stand without them.
addEventListener(
	'error',
	({ target: link }) => {
		if (link instanceof HTMLLinkElement && link.rel === 'stylesheet') link.remove();
	},
	true,
);
void (async () => {
	try {
		(await import('./pwa.ts')).registerServiceWorker();
	} catch {
		// The next start brings it.
	}
})();
