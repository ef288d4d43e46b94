/** What is wrong with a descriptor, and how it is said: all of it at once, in the order of its lines. */
import type { TomlDocument } from '../../mesh/toml.ts';

export type Path = readonly (string | number)[];

export interface Problem {
  readonly path: Path;
  readonly what: string;
  /** A key that no section has: wrong whatever its value. */
  readonly isUnknownKey?: true;
}

/** Said of a place that is there (its line is known) and of one that is not (the nearest around it). */
export interface PlacedProblem extends Problem {
  readonly line: number;
}

/** More would scroll away what comes first. */
const PROBLEMS_MAX = 100;

/** In the order of lines; what is wrong in the same way twice is said once. */
export function place(problems: readonly Problem[], { lineOf }: TomlDocument): PlacedProblem[] {
  const placed = new Map<string, PlacedProblem>();
  for (const { path, what } of problems) placed.set(JSON.stringify([path, what]), { path, what, line: lineOf(path) });
  return [...placed.values()].sort((a, b) => a.line - b.line);
}

/** `FILE:LINE: key: what`, one per line. */
export function problemText(fileName: string, problems: readonly PlacedProblem[]): string {
  const lines = problems.slice(0, PROBLEMS_MAX).map(({ line, path, what }) => `${fileName}:${line}: ${shownPath(path)}${what}`);
  const more = problems.length - lines.length;
  return [...lines, ...(more > 0 ? [`${fileName}: and ${more} more`] : [])].join('\n');
}

/** `data.sources[0].sha256: `; keys that are no plain words are quoted as TOML quotes them. Nothing for the whole file. */
function shownPath(path: Path): string {
  let shown = '';
  for (const step of path) {
    if (typeof step === 'number') shown += `[${step}]`;
    else shown += `${shown === '' ? '' : '.'}${/^[A-Za-z0-9_-]+$/.test(step) ? step : JSON.stringify(step.slice(0, 80))}`;
  }
  return shown === '' ? '' : `${shown}: `;
}
