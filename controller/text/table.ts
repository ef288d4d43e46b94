/**
 * Tables for people: columns as wide as their content, two spaces between them, numbers to the right. What does not fit is cut in the
 * columns that may be cut, with an ellipsis.
 */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** May be shortened to fit, the widest first. */
  readonly flexible?: boolean;
}

const GAP = '  ';
const FLEXIBLE_MIN = 8;

/** Lines without line breaks. `columns`: width of the terminal. */
export function formatTable(head: readonly Column[], rows: readonly (readonly string[])[], columns: number): string[] {
  const widths = head.map(({ title }, index) => Math.max(width(title), ...rows.map((row) => width(row[index] ?? ''))));
  shrink(widths, head, columns);
  const line = (cells: readonly string[]): string =>
    head
      .map(({ align }, index) => padded(cells[index] ?? '', widths[index]!, align ?? 'left'))
      .join(GAP)
      .trimEnd();
  return [line(head.map(({ title }) => title)), ...rows.map(line)];
}

function shrink(widths: number[], head: readonly Column[], columns: number): void {
  const total = (): number => widths.reduce((sum, one) => sum + one, 0) + GAP.length * (widths.length - 1);
  while (total() > columns) {
    let widest = -1;
    for (const [index, one] of widths.entries()) {
      if (head[index]!.flexible === true && one > FLEXIBLE_MIN && (widest < 0 || one > widths[widest]!)) widest = index;
    }
    if (widest < 0) return;
    widths[widest]! -= 1;
  }
}

function padded(text: string, size: number, align: 'left' | 'right'): string {
  const characters = [...text];
  const cut = characters.length > size ? `${characters.slice(0, size - 1).join('')}…` : text;
  return align === 'left' ? cut.padEnd(size) : cut.padStart(size);
}

function width(text: string): number {
  return [...text].length;
}
