/** Puts a text on the clipboard; false where the browser lets no page do so, as without https. */
export async function copyLink(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return false;
	}
}
