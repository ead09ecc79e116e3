// What programmes and rubrics are made of, as the API gives them.

/** Somebody or something by its name. */
export interface Ref {
	readonly id: string;
	readonly name: string;
}
