/** Texts of others (names of models, last words of processes) on a page of ours: they are shown, never read as markup or code. */

/** Between tags, or in an attribute with double quotes. */
export function html(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/**
 * JSON inside of a script element: nothing in it ends the element, begins a comment, or is a line break that only JavaScript knows. It is the same JSON
 * still.
 */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
