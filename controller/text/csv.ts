/** Comma-separated values, quoted where RFC 4180 wants it. */

export type Cell = string | number | boolean | null | undefined;

/** `end`: of each line; the RFC's own is CR LF. What is not there is empty. */
export function csvText(lines: readonly (readonly Cell[])[], end: '\n' | '\r\n'): string {
  return lines.map((line) => `${line.map(quoted).join()}${end}`).join('');
}

function quoted(cell: Cell): string {
  const text = cell === null || cell === undefined ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
