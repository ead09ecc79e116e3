import type { BrowserContext, Request } from 'playwright-core';

/** An answer that a spec provokes: no fault. */
export interface Allowed {
	readonly status: number;
	readonly path: RegExp;
}

// The client finds out whether somebody is signed in by asking.
const always: Allowed[] = [{ status: 401, path: /^\/api\/v1\/me$/ }];

/** Watches all pages of a context for what must never happen in any of them. */
export class Guard {
	/** In words, each with where it happened. */
	readonly faults: string[] = [];
	readonly allowed: Allowed[] = [...always];
	offline = false;
	readonly #open = new Map<Request, number>();

	/** What was asked and has no end yet, such as `PUT /api/v1/reviews/1/draft, for 29 s`. */
	get unanswered(): string[] {
		return [...this.#open].map(
			([request, since]) =>
				`${request.method()} ${new URL(request.url()).pathname}, for ${((performance.now() - since) / 1000).toFixed(0)} s`,
		);
	}

	/** `base` is the only place that pages may ask. */
	async watch(context: BrowserContext, base: string): Promise<void> {
		const { host } = new URL(base);
		context.on('console', (message) => {
			// Failed requests are told below, with their status.
			if (!['error', 'warning'].includes(message.type()) || message.text().startsWith('Failed to load resource'))
				return;
			this.#fault(`console ${message.type()}: ${message.text()}`, message.location().url);
		});
		context.on('weberror', (error) => {
			const thrown = error.error();
			this.#fault(`uncaught: ${thrown.stack || thrown.message}`, error.page()?.url());
		});
		context.on('request', (request) => {
			const url = new URL(request.url());
			this.#open.set(request, performance.now());
			if (!['blob:', 'data:'].includes(url.protocol) && url.host !== host)
				this.#fault('a request to another host', request.url());
		});
		context.on('response', (response) => {
			if (response.status() < 400) return;
			const { pathname } = new URL(response.url());
			if (this.allowed.some(({ status, path }) => status === response.status() && path.test(pathname))) return;
			this.#fault(`${response.status()} for ${response.request().method()}`, response.url());
		});
		context.on('requestfinished', (request) => this.#open.delete(request));
		context.on('requestfailed', (request) => {
			this.#open.delete(request);
			const why = request.failure()?.errorText ?? '';
			// Aborted: by the player, which stops reading ahead, by a page that goes, or by a search overtaken by the next.
			if (why === 'net::ERR_ABORTED' || (this.offline && why === 'net::ERR_INTERNET_DISCONNECTED')) return;
			this.#fault(`${why} for ${request.method()}`, request.url());
		});
		await context.exposeBinding('fieldreelPolicy', ({ page }, what: string) =>
			this.#fault(`content security policy: ${what}`, page.url()),
		);
		await context.addInitScript(() => {
			document.addEventListener('securitypolicyviolation', (event) => {
				const tell = (window as unknown as { fieldreelPolicy(what: string): void }).fieldreelPolicy;
				tell(`${event.effectiveDirective} refused ${event.blockedURI} (${event.sourceFile}:${event.lineNumber})`);
			});
		});
	}

	#fault(what: string, where = ''): void {
		const line = where ? `${what} (${where})` : what;
		if (!this.faults.includes(line)) this.faults.push(line);
	}
}
