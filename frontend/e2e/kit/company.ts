import { readFile } from 'node:fs/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from '../../src/api/schema.d.ts';
import { clip } from './clips.ts';
import type { Site } from './site.ts';
import { until } from './wait.ts';

export type Schemas = components['schemas'];
export type Role = 'rep' | 'manager' | 'trainer' | 'admin';
export type Api = Client<paths>;

/** Somebody with an account and an open session. */
export interface Person {
	readonly id: string;
	readonly name: string;
	readonly email: string;
	readonly password: string;
	/** The value of the session's cookie. */
	readonly cookie: string;
	/** The API as this person: `await data(rep.api.GET('/api/v1/me'))`. */
	readonly api: Api;
}

/** A video of the company, transcribed and to be found by everyone. */
export interface Shown {
	readonly id: string;
	readonly title: string;
	readonly words: string;
	readonly author: Person;
}

const password = 'a password for the tests';
const names = (
	'Amara Diallo,Björn Lindqvist,Carla Mendes,Dario Conti,Elif Kaya,Fergus Walsh,Grace Mbeki,Hana Sato,Igor Petrov,Jonas Weber,' +
	'Katya Novak,Liam Doyle,Mei Chen,Noor Haddad,Oskar Nyman,Paula Ortiz,Quentin Roux,Rosa Silva,Samir Patel,Tessa de Vries'
).split(',');

const takes = [
	{
		title: 'When Northwind is half the price',
		hue: '0xb4632d',
		words:
			'They said Northwind is half the price. I told them that price is only one line of it. Over three years the total cost ' +
			'of ownership is what you pay. Then I asked what each month of waiting costs them.',
		change: {
			tactics: ['compare-total-cost-not-price'],
			situation: { stage: 'negotiation', objection: 'price', persona: 'cfo' },
		},
	},
	{
		title: 'Security questions from the IT department',
		hue: '0x2d6db4',
		words:
			'The head of IT was worried about security and data protection. I said let us bring in your data protection officer now, and ' +
			'not after the contract. She signed off in one week.',
		change: {
			tactics: ['multi-thread-early'],
			situation: { stage: 'qualification', objection: 'security', persona: 'cio-or-it' },
		},
	},
	{
		title: 'No budget until next year',
		hue: '0x3d8a55',
		words:
			'No budget until next year, they said. I offered a small first step, a pilot of four weeks with one team and one number ' +
			'to measure. The number made the budget.',
		change: {
			tactics: ['offer-a-small-first-step'],
			situation: { stage: 'proposal', objection: 'no-budget', persona: 'operations' },
		},
	},
] as const;

/** Unwraps an answer of the API: its body, or an error that tells the problem. */
export async function data<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
	const { data: body, error, response } = await call;
	if (!response.ok) throw new Error(`${response.status} of ${response.url}: ${JSON.stringify(error)}`);
	return body as T;
}

/** The company that all specs share. What a spec changes belongs to persons and videos of its own. */
export class Company {
	/** Videos that are ready, seen by everyone. */
	videos: Shown[] = [];
	#people = 0;

	private constructor(
		readonly site: Site,
		readonly admin: Person,
	) {}

	/** Makes the company: an admin, three authors in two teams, one video of each, transcribed and indexed. */
	static async found(site: Site): Promise<Company> {
		const email = 'ada@example.com';
		await site.run(
			['person', 'add', '--email', email, '--name', 'Ada Berg', '--role', 'admin', '--password-stdin'],
			password,
		);
		const company = new Company(site, await signedIn(site, email, 'Ada Berg'));
		const authors = await Promise.all(takes.map((_, i) => company.person(i === 2 ? 'trainer' : 'rep')));
		const manager = await company.person('manager');
		await company.team('North', { members: authors.slice(0, 2), managers: [manager] });
		await company.team('South', { members: authors.slice(2) });
		company.videos = await Promise.all(
			takes.map(async ({ title, words, hue, change }, i) => {
				const author = authors[i] as Person;
				const id = await company.upload(author, await clip(words, 16, hue), title);
				await company.ready(author, id);
				await company.change(author, id, {
					audience: 'everyone',
					tactics: [...change.tactics],
					situation: change.situation,
				});
				return { id, title, words, author };
			}),
		);
		await until('the videos in the search', async () => {
			const query = { q: 'total cost', limit: 10 };
			return (await data(company.admin.api.GET('/api/v1/moments', { params: { query } }))).results.length > 0;
		});
		return company;
	}

	/** Adds somebody and signs them in. */
	async person(role: Role, name = this.#name()): Promise<Person> {
		const email = `${name
			.toLowerCase()
			.match(/[a-z]+/g)
			?.join('.')}.${this.#people}@example.com`;
		await data(
			this.admin.api.POST('/api/v1/people', {
				body: { email, name, password, roles: [role], time_zone: 'Europe/Berlin' },
			}),
		);
		return signedIn(this.site, email, name);
	}

	/** Adds a team and seats people in it; gives its id. */
	async team(name: string, who: { members?: Person[]; managers?: Person[] }): Promise<string> {
		const { id } = await data(this.admin.api.POST('/api/v1/teams', { body: { name } }));
		for (const seat of ['members', 'managers'] as const) {
			for (const { id: person_id } of who[seat] ?? []) {
				const path = { id, seat, person_id };
				await data(this.admin.api.PUT('/api/v1/teams/{id}/{seat}/{person_id}', { params: { path } }));
			}
		}
		return id;
	}

	/** Sends a file as one take, as the recorder does; gives the video's id. */
	async upload(by: Person, path: string, title: string): Promise<string> {
		const bytes = await readFile(path);
		const base64 = (text: string) => Buffer.from(text).toString('base64');
		const headers = { cookie: by.cookie, 'Tus-Resumable': '1.0.0' };
		const made = await fetch(`${this.site.base}/api/v1/uploads`, {
			method: 'POST',
			headers: {
				...headers,
				'Upload-Length': String(bytes.length),
				'Upload-Metadata': `filename ${base64('take.mp4')},title ${base64(title)}`,
			},
		});
		if (made.status !== 201) throw new Error(`an upload was answered with ${made.status}: ${await made.text()}`);
		const place = new URL(made.headers.get('Location') ?? '', this.site.base);
		const sent = await fetch(place, {
			method: 'PATCH',
			headers: { ...headers, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
			body: bytes,
		});
		if (sent.status !== 204) throw new Error(`the bytes were answered with ${sent.status}: ${await sent.text()}`);
		const receipt = (await (await fetch(`${place}/receipt`, { headers })).json()) as Schemas['ReceiptDTO'];
		if (!receipt.video_id) throw new Error(`a receipt without a video: ${JSON.stringify(receipt)}`);
		return receipt.video_id;
	}

	/** Waits until a video has all its renditions and its transcript. */
	async ready(by: Person, id: string): Promise<void> {
		const path = { id };
		await until(
			`video ${id} ready`,
			async () => {
				const video = await data(by.api.GET('/api/v1/videos/{id}', { params: { path } }));
				return video.state === 'ready' && video.transcript_state === 'ready';
			},
			300_000,
		);
	}

	async change(by: Person, id: string, body: Schemas['ChangeVideoRequestBody']): Promise<void> {
		await data(by.api.PATCH('/api/v1/videos/{id}', { params: { path: { id } }, body }));
	}

	#name(): string {
		const n = this.#people++;
		const name = names[n % names.length] as string;
		const round = Math.floor(n / names.length);
		return round === 0 ? name : `${name} ${'BCDEFGHIJKLMNOPQRSTUVWXYZ'[round - 1] ?? round}.`;
	}
}

async function signedIn(site: Site, email: string, name: string): Promise<Person> {
	const answer = await fetch(`${site.base}/api/v1/sessions`, {
		method: 'POST',
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ email, password }),
	});
	if (!answer.ok) throw new Error(`${email} cannot sign in: ${answer.status} ${await answer.text()}`);
	const { person } = (await answer.json()) as Schemas['SessionAnswerBody'];
	const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
	return {
		id: person.id,
		name,
		email,
		password,
		cookie,
		api: createClient<paths>({ baseUrl: site.base, headers: { cookie } }),
	};
}
