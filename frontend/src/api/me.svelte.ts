import { api, data, onSignedOut, type Schemas } from './client.ts';
import { asProblem, type Problem } from './problem.ts';

export type Me = Schemas['MeDTO'];
export type Role = 'rep' | 'manager' | 'trainer' | 'admin';

/** Who is signed in: `unknown` until the server was asked. */
class Session {
	state = $state<'unknown' | 'in' | 'out'>('unknown');
	me = $state.raw<Me>();
	problem = $state.raw<Problem>();

	constructor() {
		onSignedOut(() => this.#end());
	}

	/** Asks the server who we are. */
	async load(): Promise<void> {
		this.problem = undefined;
		try {
			this.me = await data(api.GET('/api/v1/me'));
			this.state = 'in';
		} catch (thrown) {
			const problem = asProblem(thrown);
			if (problem.status === 401) this.#end();
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
	}
}

export const session = new Session();
