import { api, data, onSignedOut, type Schemas } from './client.ts';
import { asProblem, type Problem } from './problem.ts';

/** Who is signed in, and whether takes have waited for their review on this device. */
export type Me = Schemas['MeDTO'] & { readonly reviews?: boolean };
export type Role = 'rep' | 'manager' | 'trainer' | 'admin';

const key = 'fieldreel.me';

/** What an entry of the menu or a screen may be for: a role, or somebody who reviews without one that says so. */
export type Part = Role | 'reviewer';

/** Who was signed in on this device last; undefined where nobody was, or where it cannot be read. */
function kept(): Me | undefined {
	try {
		return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined;
	} catch {
		return;
	}
}

function keep(me: Me | undefined): void {
	try {
		if (me) localStorage.setItem(key, JSON.stringify(me));
		else localStorage.removeItem(key);
	} catch {
		// Without storage the client starts with a network only.
	}
}

/** Who is signed in: `unknown` until the server was asked. */
class Session {
	state = $state<'unknown' | 'in' | 'out'>('unknown');
	me = $state.raw<Me>();
	problem = $state.raw<Problem>();

	constructor() {
		onSignedOut(() => this.#end());
	}

	/**
	 * Asks the server who we are. Without an answer it is who was signed in here last, so that takes can be recorded and
	 * seen without a network; whatever then needs the server says so itself.
	 */
	async load(): Promise<void> {
		this.problem = undefined;
		const last = kept();
		try {
			const me = await data(api.GET('/api/v1/me'));
			this.#be({ ...me, reviews: last?.reviews === true && last.person.id === me.person.id });
			this.state = 'in';
		} catch (thrown) {
			const problem = asProblem(thrown);
			if (problem.status === 401) this.#end();
			else if (problem.offline && last) [this.me, this.state] = [last, 'in'];
			else this.problem = problem;
		}
	}

	async signIn(email: string, password: string): Promise<void> {
		await data(api.POST('/api/v1/sessions', { body: { email, password } }));
		await this.load();
	}

	async signOut(): Promise<void> {
		try {
			await api.DELETE('/api/v1/sessions/current');
		} finally {
			this.#end();
		}
	}

	/** Once takes have waited for somebody's review, reviews stay in their menu: what is done is to be found, too. */
	reviews(some: boolean): void {
		if (some && this.me && !this.me.reviews) this.#be({ ...this.me, reviews: true });
	}

	has(...parts: Part[]): boolean {
		return parts.some((part) => (part === 'reviewer' ? this.me?.reviews : this.me?.person.roles?.includes(part)));
	}

	/** The person's id, or "" before the sign-in. */
	get id(): string {
		return this.me?.person.id ?? '';
	}

	#be(me: Me): void {
		this.me = me;
		keep(me);
	}

	#end(): void {
		this.me = undefined;
		this.state = 'out';
		keep(undefined);
	}
}

export const session = new Session();
