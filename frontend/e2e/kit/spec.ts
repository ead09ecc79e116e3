import type { Page } from 'playwright-core';
import type { Device } from './browser.ts';
import type { Company, Person, Role } from './company.ts';
import type { Site } from './site.ts';

/** What a spec has in hand. */
export interface Stage {
	/** A page of a fresh browser profile, with nobody signed in. */
	readonly page: Page;
	readonly device: Device;
	/** The server that the page shows: the shared one, unless the spec serves its own. */
	readonly site: Site;
	/** The company on the server that all specs share. */
	readonly company: Company;
	/** Adds a person of this spec's own. */
	person(role: Role, name?: string): Promise<Person>;
	/** Opens the client at this address as somebody, without the sign-in screen. Theirs is the page from then on. */
	enter(person: Person, path?: string, page?: Page): Promise<void>;
	/** Another page, of another profile: another person, or the same on another device. Watched like the first. */
	open(on?: Device): Promise<Page>;
	/** Names what is under way, for the line that tells a failure. */
	step<T>(what: string, act: () => Promise<T>): Promise<T>;
	/** Saves a picture: e2e/out/SPEC-DEVICE-NAME.png. */
	shot(name: string, page?: Page): Promise<void>;
	/** A station: axe finds nothing in light and in dark, and a picture of each is saved. */
	axe(name: string, page?: Page): Promise<void>;
	/** Lets the server answer so without its being a fault: `allow(409, /^\/api\/v1\/videos\//)`. */
	allow(status: number, path: RegExp): void;
	/** Takes the network away from the first page, or gives it back. */
	network(there: boolean): Promise<void>;
}

export interface Spec {
	readonly name: string;
	readonly devices: readonly Device[];
	readonly alone: boolean;
	readonly serve: readonly string[];
	readonly play: (stage: Stage) => Promise<void>;
}

interface Options {
	/** Where it is walked; each counts as one test. */
	readonly devices?: readonly Device[];
	/** Nothing else runs meanwhile: for what a busy machine would falsify. */
	readonly alone?: boolean;
	/** A server of the spec's own, by the arguments of `fieldreel`; such a spec runs alone. */
	readonly serve?: readonly string[];
}

/** A path that somebody takes through the client: `export default spec('…', { devices: ['pixel'] }, async ({ page }) => …)`. */
export function spec(name: string, options: Options, play: Spec['play']): Spec {
	const { devices = ['iphone'], serve = [], alone = serve.length > 0 } = options;
	return { name, devices, alone, serve, play };
}
