/**
 * How every benchmark program reports: a table for a person, or with --json one JSON document for a program. A bar that is missed is
 * shown as missed; the exit code stays 0, because a shared machine is no judge.
 */
export interface Row {
  readonly what: string;
  /** Median over the rounds. */
  readonly value: number;
  readonly unit: string;
  /** Each round's value, in order. */
  readonly rounds: readonly number[];
  readonly bar?: { readonly atLeast: number } | { readonly atMost: number };
}

/** What the rows are made of, where there is too much of it for rows. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly lines: readonly (readonly (string | number)[])[];
}

export interface Report {
  readonly benchmark: string;
  /** What was measured, how, against what. */
  readonly method: string;
  readonly tables?: readonly Table[];
  readonly rows: readonly Row[];
}

export function print(report: Report, json: boolean): void {
  if (json) {
    console.log(JSON.stringify(report));
    return;
  }
  console.log(`\n${report.benchmark}\n${report.method}\n`);
  for (const table of report.tables ?? []) printTable(table);
  const width = Math.max(...report.rows.map(({ what }) => what.length));
  for (const row of report.rows) {
    const spread = row.rounds.length > 1 ? `   ${figure(Math.min(...row.rounds))} … ${figure(Math.max(...row.rounds))}` : '';
    console.log(`  ${row.what.padEnd(width)}  ${figure(row.value).padStart(9)} ${row.unit.padEnd(9)}${verdict(row).padEnd(16)}${spread}`);
  }
}

function printTable({ title, columns, lines }: Table): void {
  const cells = [columns, ...lines.map((line) => line.map((cell) => (typeof cell === 'number' ? figure(cell) : cell)))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]!.length)));
  console.log(`  ${title}`);
  for (const line of cells) {
    console.log(`    ${line.map((cell, at) => (at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!))).join('  ')}`);
  }
  console.log();
}

function verdict({ value, bar }: Row): string {
  if (bar === undefined) return '';
  const [sign, limit, met] = 'atLeast' in bar ? ['≥', bar.atLeast, value >= bar.atLeast] : ['≤', bar.atMost, value <= bar.atMost];
  return `${met ? 'met' : 'MISSED'} (${sign} ${limit})`;
}

function figure(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 3;
  return value.toFixed(digits);
}
