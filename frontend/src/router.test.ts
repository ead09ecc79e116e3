import { beforeEach, describe, expect, it } from 'vitest';
import { beforeLeaving, find, go, place, route, setQuery, startRouter } from './router.svelte.ts';

const screen = () => Promise.resolve({ default: (() => ({})) as never });
const routes = [route('/', screen), route('/watch/:id', screen), route('/people/:id/videos', screen)];

describe('find', () => {
	it.each([
		['/', '/', {}],
		['/watch/a%20b', '/watch/:id', { id: 'a b' }],
		['/people/7/videos', '/people/:id/videos', { id: '7' }],
	])('%s', (path, pattern, params) => {
		const found = find(routes, path);
		expect(found?.route.pattern).toBe(pattern);
		expect(found?.params).toEqual(params);
	});
	it.each(['/watch', '/watch/', '/nowhere', '/watch/a/b', '/watch/%E0%A4%A'])('%s is no page', (path) => {
		expect(find(routes, path)).toBeUndefined();
	});
});

describe('moving', () => {
	beforeEach(() => go('/'));
	it('goes, and keeps filters in the address', () => {
		go('/search?q=price');
		expect(place.query('q')).toBe('price');
		setQuery({ q: 'cost of delay', tactic: ['a', 'b'] });
		expect(location.search).toBe('?q=cost+of+delay&tactic=a&tactic=b');
		setQuery({ q: '' });
		expect(place.queries('tactic')).toEqual(['a', 'b']);
		expect(place.query('q')).toBe('');
	});
	it('stays where a page asks to', () => {
		const allow = beforeLeaving(() => false);
		go('/watch/1');
		expect(place.path).toBe('/');
		allow();
		go('/watch/1');
		expect(place.path).toBe('/watch/1');
	});
	it('takes clicks on own links only', () => {
		const stop = startRouter();
		document.body.innerHTML = '<a href="/watch/2">own</a><a href="/api/docs">server</a>';
		const [own, server] = document.querySelectorAll('a');
		expect(own?.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))).toBe(false);
		expect(place.path).toBe('/watch/2');
		server?.addEventListener('click', (e) => setTimeout(() => e.preventDefault()));
		const click = new MouseEvent('click', { bubbles: true, cancelable: true });
		document.addEventListener('click', (e) => expect(e.defaultPrevented).toBe(false), { once: true });
		server?.dispatchEvent(click);
		stop();
	});
});
