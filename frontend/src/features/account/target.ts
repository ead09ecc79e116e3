/** Where to go after the sign-in: a path of this client, and nothing that leads elsewhere. */
export function safeTarget(to: string): string {
	if (!/^\/(?![/\\])/.test(to)) return '/';
	try {
		const url = new URL(to, 'https://fieldreel.invalid');
		if (url.host !== 'fieldreel.invalid' || /^\/(signin|setup|join)(\/|$)/.test(url.pathname)) return '/';
		return url.pathname + url.search + url.hash;
	} catch {
		return '/';
	}
}
