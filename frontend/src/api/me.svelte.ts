import { api, data, onSignedOut, type Schemas } from './client.ts';
import { asProblem, type Problem } from './problem.ts';

export type Me = Schemas['MeDTO'];
export type Role = 'rep' | 'manager' | 'trainer' | 'admin';

const key = 'fieldreel.me';

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
		try {
			this.me = await data(api.GET('/api/v1/me'));
			this.state = 'in';
			keep(this.me);
		} catch (thrown) {
			const problem = asProblem(thrown);
			const last = kept();
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

	has(...roles: Role[]): boolean {
		return roles.some((role) => this.me?.person.roles?.includes(role));
	}

	/** The person's id, or "" before the sign-in. */
	get id(): string {
		return this.me?.person.id ?? '';
	}

	#end(): void {
		this.me = undefined;
		this.state = 'out';
		keep(undefined);
	}
}

export const session = new Session();
