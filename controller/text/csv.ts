/** Comma-separated values, quoted where RFC 4180 wants it. */

export type Cell = string | number | boolean | null | undefined;

/** `end`: of each line; the RFC's own is CR LF. What is not there is empty. */
export function csvText(lines: readonly (readonly Cell[])[], end: '\n' | '\r\n'): string {
  return lines.map((line) => `${line.map(quoted).join()}${end}`).join('');
}

function quoted(cell: Cell): string {
  return cell === null || cell === undefined ? '' : quotedText(String(cell));
}

/** In quotes only where it must be. */
export function quotedText(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
