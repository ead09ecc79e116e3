import { asProblem } from '../../../api/problem.ts';
import { go } from '../../../router.svelte.ts';
import { toasts } from '../../../ui/toast.svelte.ts';
import { actsEn as en } from './acts.en.ts';
import { change, close, copy, make, open, type Programme, remove } from './calls.ts';
import { bodyOf, fields, setupOf } from './setup.ts';

// What is done with a whole programme, and what takes it back. What fails is said, and changes nothing.

const failed = (thrown: unknown): undefined => {
	toasts.say(asProblem(thrown).message, { kind: 'problem' });
};

/** Closes it; undo opens it again, and `changed` is told of both. */
export async function closed(programme: Programme, changed: (now: Programme) => void): Promise<void> {
	try {
		changed(await close(programme.id));
		toasts.say(en.didClose(programme.name), {
			action: { label: en.undo, run: () => open(programme.id).then(changed, failed) },
		});
	} catch (thrown) {
		failed(thrown);
	}
}

/** Takes up a closed programme where it was. */
export async function reopened(programme: Programme, changed: (now: Programme) => void): Promise<void> {
	try {
		changed(await open(programme.id));
		toasts.say(en.opened(programme.name));
	} catch (thrown) {
		failed(thrown);
	}
}

/** Makes a draft like it and goes there; undo deletes that. The same `copyId` twice is one copy. */
export async function copied(programme: { id: string; name: string }, copyId: string): Promise<void> {
	try {
		const made = await copy(programme.id, copyId);
		go(`/programmes/${made.id}/edit`);
		toasts.say(en.copyMade(programme.name), {
			action: {
				label: en.undo,
				run: () => remove(made.id).then(() => go('/programmes', { replace: true }), failed),
			},
		});
	} catch (thrown) {
		failed(thrown);
	}
}

/** Deletes a draft and leaves it; undo makes it anew, with the same id and set-up. */
export async function deleted(programme: Programme): Promise<void> {
	try {
		await remove(programme.id);
		go('/programmes', { replace: true });
		toasts.say(en.deleted(programme.name), { action: { label: en.undo, run: () => remade(programme).catch(failed) } });
	} catch (thrown) {
		failed(thrown);
	}
}

async function remade(programme: Programme): Promise<void> {
	const made = await make(programme.id, programme.name);
	const setup = setupOf(programme);
	const filled = fields.filter((field) => field !== 'name' && (field !== 'rubric_version_id' || setup[field] !== ''));
	await change(made.id, made.version, bodyOf(setup, filled));
	go(`/programmes/${made.id}/edit`);
}
