import { describe, expect, it } from 'vitest';
import { check, fieldOf, linkFine, missing, wrongFields } from './check.ts';
import { attemptsWords, reviewersWords, validWords } from './rest-words.ts';
import { commonLevels, levelName, scoreAt } from './score.ts';
import { bodyOf, differing, merge, type Setup, type Source, same, setupOf } from './setup.ts';
import { answersWords, dayAfter, dueWords, msOf, msText, passWords, ruleWords, today } from './words.ts';

const source: Source = {
	name: 'Price',
	brief: 'They say it is too much.',
	attachments: [{ title: 'Sheet', url: 'https://example.com/a' }],
	rubric: { version_id: 'rv1' },
	target_ms: 90_000,
	answer_types: ['camera', 'file'],
	rules: [
		{ team: { id: 't1', name: 'North' }, role: 'rep', new_within_days: 30 },
		{ person: { id: 'p1', name: 'Rita' } },
	],
	due: { kind: 'days', days: 14 },
	attempts_max: 3,
	wait_hours: 24,
	pass: { kind: 'total', percent: 70, level: 3 },
	reviewers: { kind: 'named', people: [{ id: 'p2', name: 'Tom' }] },
	second_share: 20,
	second_distance: 15,
	valid_days: 365,
	renew_days: 30,
	peers: 'after',
	must_say: ['total cost'],
	must_not_say: [],
};
const make = (change: Partial<Setup> = {}): Setup => ({ ...setupOf(source), ...change });
const names = (id: string) => ({ t1: 'North', p1: 'Rita', p2: 'Tom', p3: 'Una' })[id] ?? id;

describe('a set-up', () => {
	it('is what the API gave, with ids for names', () => {
		expect(make()).toMatchObject({
			rules: [{ team_id: 't1', role: 'rep', new_within_days: 30 }, { person_id: 'p1' }],
			reviewers: { kind: 'named', person_ids: ['p2'] },
			model: null,
			due: { kind: 'days', days: 14 },
		});
	});
	it('is the same whatever the order of ids and the blanks around words', () => {
		const a = make({ reviewers: { kind: 'named', person_ids: ['p2', 'p3'] }, must_say: ['total cost', ' '] });
		const b = make({ reviewers: { kind: 'named', person_ids: ['p3', 'p2'] }, brief: 'They say it is too much. \n' });
		expect(differing(a, b)).toEqual([]);
		expect(differing(a, make({ answer_types: ['file', 'camera'] }))).toEqual(['reviewers']);
	});
	it('does not differ in what does not apply', () => {
		const none = make({ due: { kind: 'none', date: '', days: 14 } });
		expect(same('due', none, make({ due: { kind: 'none', date: '2026-01-01', days: 3 } }))).toBe(true);
		const manager = make({ reviewers: { kind: 'manager', person_ids: ['p2'] } });
		expect(same('reviewers', manager, make({ reviewers: { kind: 'manager', person_ids: [] } }))).toBe(true);
	});
	it('has a model take that ends where its video ends, unless said otherwise', () => {
		const model = { video_id: 'v', start_ms: 2000, end_ms: 0, length_ms: 16_000 };
		expect(bodyOf(make({ model }), ['model'])).toEqual({ model: { video_id: 'v', start_ms: 2000, end_ms: 16_000 } });
		expect(same('model', make({ model }), make({ model: { ...model, end_ms: 16_000 } }))).toBe(true);
		expect(bodyOf(make({ model: { ...model, start_ms: 0 } }), ['model'])).toEqual({
			model: { video_id: 'v', start_ms: 0, end_ms: 0 },
		});
	});
	it('is sent without what does not apply', () => {
		const setup = make({ due: { kind: 'date', date: '2026-11-30', days: 9 }, must_say: [' a ', ''] });
		expect(bodyOf(setup, ['due', 'must_say', 'model', 'name'])).toEqual({
			due: { kind: 'date', date: '2026-11-30' },
			must_say: ['a'],
			model: { video_id: '' },
			name: 'Price',
		});
	});
});

describe('two who change the same', () => {
	it('keep what only one of them changed', () => {
		const mine = make({ name: 'Mine' });
		expect(merge(make(), mine, make({ brief: 'Theirs' }))).toEqual({ taken: ['brief'], conflicts: [] });
		expect(mine).toMatchObject({ name: 'Mine', brief: 'Theirs' });
	});
	it('are asked where both changed it otherwise, and not where both meant the same', () => {
		const mine = make({ name: 'Mine', wait_hours: 48 });
		const theirs = make({ name: 'Theirs', wait_hours: 48 });
		expect(merge(make(), mine, theirs)).toEqual({ taken: [], conflicts: ['name'] });
		expect(mine.name).toBe('Mine');
	});
	it('share nothing afterwards', () => {
		const mine = make();
		const theirs = make({ must_say: ['a'] });
		merge(make(), mine, theirs);
		theirs.must_say.push('b');
		expect(mine.must_say).toEqual(['a']);
	});
});

describe('what cannot be saved', () => {
	it('is nothing in a set-up that is fine', () => {
		expect([...check(make(), 4)]).toEqual([]);
	});
	it.each<[Partial<Setup>, string]>([
		[{ name: ' ' }, 'name'],
		[{ target_ms: Number.NaN }, 'target_ms'],
		[{ target_ms: 601_000 }, 'target_ms'],
		[{ answer_types: [] }, 'answer_types'],
		[{ due: { kind: 'date', date: '', days: 1 } }, 'due.date'],
		[{ due: { kind: 'days', date: '', days: 0 } }, 'due.days'],
		[{ attempts_max: Number.NaN }, 'attempts_max'],
		[{ wait_hours: 721 }, 'wait_hours'],
		[{ pass: { kind: 'total', percent: 0, level: 3 } }, 'pass.percent'],
		[{ pass: { kind: 'each', percent: 0, level: 5 } }, 'pass.level'],
		[{ reviewers: { kind: 'pool', person_ids: [] } }, 'reviewers.person_ids'],
		[{ valid_days: 10, renew_days: 11 }, 'renew_days'],
		[{ model: { video_id: 'v', start_ms: 5000, end_ms: 5000, length_ms: 9000 } }, 'model.end_ms'],
		[{ attachments: [{ title: '', video_id: 'v' }] }, 'attachments[0].title'],
		[{ attachments: [{ title: 'A', url: 'http://example.com' }] }, 'attachments[0].url'],
		[{ rules: [{ new_within_days: Number.NaN }] }, 'rules[0].new_within_days'],
		[{ must_say: ['Total Cost'], must_not_say: [' total cost '] }, 'must_not_say'],
		[{ must_say: ['x'.repeat(81)] }, 'must_say'],
	])('%j', (change, path) => {
		expect([...check(make(change), 4).keys()]).toEqual([path]);
	});
	it('is not asked about what does not apply', () => {
		expect(check(make({ due: { kind: 'none', date: '', days: 0 } })).size).toBe(0);
		expect(check(make({ pass: { kind: 'each', percent: 0, level: 6 } })).size).toBe(0);
		expect(check(make({ valid_days: 0, renew_days: 30 })).size).toBe(0);
	});
	it('belongs to a field', () => {
		expect(['rules[0].team_id', 'due.days', 'name'].map(fieldOf)).toEqual(['rules', 'due', 'name']);
		expect([...wrongFields(check(make({ name: '', wait_hours: -1 })))]).toEqual(['name', 'wait_hours']);
	});
	it('takes links that anybody can open', () => {
		expect(['https://a.example/x', ' https://a.example '].every(linkFine)).toBe(true);
		const bad = ['', 'a.example', 'ftp://a.example', 'https://me:x@a.example', 'https://', 'javascript:alert(1)'];
		expect(bad.some(linkFine)).toBe(false);
	});
	it('is more for opening', () => {
		expect(missing(make())).toEqual([]);
		expect(missing(make({ brief: '', rules: [], rubric_version_id: '' })).map(({ field }) => field)).toEqual([
			'brief',
			'rubric_version_id',
			'rules',
		]);
	});
});

describe('in words', () => {
	it('a due time says whose midnight', () => {
		expect(dueWords({ kind: 'date', date: '2026-11-30', days: 0 }, '2026-11-22')).toBe(
			'Until the end of Monday, November 30, 2026, where each participant is: midnight in their own time zone counts.',
		);
		expect(dueWords({ kind: 'date', date: '2026-11-21', days: 0 }, '2026-11-22')).toMatch(/is over already/);
		expect(dueWords({ kind: 'days', date: '', days: 14 }, '2026-11-22')).toMatch(/until Sunday, December 6, 2026\.$/);
		expect(dueWords({ kind: 'days', date: '', days: Number.NaN }, '2026-11-22')).toBe('');
	});
	it('a day is that of the zone', () => {
		const night = new Date('2026-11-22T23:30:00Z');
		expect(today('Europe/Berlin', night)).toBe('2026-11-23');
		expect(today('America/New_York', night)).toBe('2026-11-22');
		expect(today('No/Where', night)).toBe('2026-11-22');
		expect(dayAfter('2026-12-30', 3)).toBe('2027-01-02');
	});
	it('who', () => {
		const words = (rule: Setup['rules'][number]) => ruleWords(rule, names);
		expect(words({ person_id: 'p1' })).toBe('Rita');
		expect(words({ team_id: 't1' })).toBe('Everybody in North and teams below');
		expect(words({ role: 'rep', new_within_days: 30 })).toBe(
			'Reps in the company who got there at most 30 days before the start, or later',
		);
		expect(words({})).toBe('Everybody in the company');
	});
	it('the rest', () => {
		expect(attemptsWords(make())).toBe('3 attempts, 1 day between a result and the next');
		expect(attemptsWords(make({ attempts_max: 0, wait_hours: 0 }))).toBe(
			'as many attempts as needed, no wait in between',
		);
		expect(passWords({ kind: 'each', percent: 0, level: 3 }, 'Solid')).toBe(
			'every criterion at level 3 (Solid) or higher',
		);
		expect(reviewersWords(make(), names)).toBe('Tom; 20% get a second, blind review');
		expect(validWords(make())).toBe('holds for 1 year, renewable in the last 30 days');
		expect(answersWords(make())).toBe('camera and file, about 1 minute 30 seconds');
	});
	it('times, read and written', () => {
		expect(['', '1:20', '80', '0:07.5', '1:60', 'x', '-1'].map(msOf)).toEqual([
			0,
			80_000,
			80_000,
			7500,
			Number.NaN,
			Number.NaN,
			Number.NaN,
		]);
		expect([0, 80_000, 7500, Number.NaN].map(msText)).toEqual(['', '1:20', '0:07.5', '']);
	});
});

describe('what a level is worth', () => {
	const criteria = [
		{ weight: 1, levels: [{ points: 0 }, { points: 40 }, { points: 70, name: 'Solid' }, { points: 100 }] },
		{ weight: 2, levels: [{ points: 0 }, { points: 1 }, { points: 2, name: 'Solid' }] },
	];
	it('is the weighted share, rounded down to a tenth', () => {
		expect(scoreAt(criteria, 3)).toBe(90);
		expect(scoreAt(criteria, 2)).toBe(46.6); // (40 + 2 × 50) / 3
		expect(scoreAt(criteria, 4)).toBe(100);
		expect(scoreAt([], 1)).toBe(0);
	});
	it('has a name where all call it the same', () => {
		expect(levelName(criteria, 3)).toBe('Solid');
		expect(levelName(criteria, 1)).toBeUndefined();
		expect(commonLevels(criteria)).toBe(3);
		expect(commonLevels([])).toBe(0);
	});
});
