/** One moment plays on a page at a time. */
export class Viewer {
	playing = $state('');
}
