/** Words under a title on the left, in as many lines as they need. */

/** Where the words begin. */
const INDENT = 13;

/** Lines of at most `columns`; a word that is longer has a line of its own. */
export function wrapped(title: string, text: string, columns: number): string[] {
  const room = columns - INDENT;
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && [...last].length + 1 + [...word].length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => `${(index === 0 ? title : '').padEnd(INDENT)}${line}`);
}
