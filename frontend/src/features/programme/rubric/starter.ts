import { type CriterionDraft, written } from './draft.ts';
import { en } from './en.ts';

/** [name, what it means, weight, what one sees or hears at each of the four levels]. */
type Sketch = readonly [string, string, number, readonly [string, string, string, string]];

const sketches: readonly Sketch[] = [
	[
		'Opening',
		'The first fifteen seconds say why the customer should go on listening.',
		1,
		[
			'Begins with the company, the product or the agenda.',
			'Names the customer’s business, but nothing that concerns them today.',
			'Names a situation of this customer within fifteen seconds.',
			'Names a situation of this customer, and asks whether it is theirs.',
		],
	],
	[
		'The customer’s problem',
		'What it costs the customer to leave things as they are.',
		2,
		[
			'No problem of the customer is named.',
			'A problem is named without what follows from it.',
			'A problem is named, with one thing it costs: time, money or risk.',
			'The cost is given as a number, or in the customer’s own words.',
		],
	],
	[
		'Value in their terms',
		'What changes for the customer, and not what the product has.',
		2,
		[
			'Lists features only.',
			'Says a benefit that any vendor could claim.',
			'Says what the customer can do afterwards that they cannot do today.',
			'Says what changes, for whom, and by when one will notice.',
		],
	],
	[
		'Proof',
		'Why the customer should believe it.',
		1,
		[
			'No example, number or name.',
			'An example without its outcome.',
			'One customer or number that fits this customer’s industry or size.',
			'An example with its starting point, what was done and the number afterwards.',
		],
	],
	[
		'Next step',
		'What is to happen, who does it, and when.',
		1,
		[
			'Ends without a next step, or with “let me know”.',
			'Proposes to talk again, without a day.',
			'Proposes one step with a day.',
			'Proposes one step with a day and who takes part, and asks for a yes.',
		],
	],
];

/** The rubric that one can begin with: five criteria of a short pitch. */
export const starter = (): CriterionDraft[] =>
	sketches.map(([name, description, weight, levels]) =>
		written({
			name,
			description,
			weight,
			levels: levels.map((text, i) => ({
				name: en.levelNames[i] ?? '',
				points: [0, 40, 70, 100][i] ?? 0,
				description: text,
			})),
		}),
	);
