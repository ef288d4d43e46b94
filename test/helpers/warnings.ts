/**
 * Warnings that Node prints about a program's own mistakes: `(node:123) MaxListenersExceededWarning: …`.
 */
const WARNING = /^\(node:\d+\) (?:\[\w+\] )?(\w*Warning): /;

/** Not ours to fix: features of Node that are still marked as experimental. */
const ACCEPTED: ReadonlySet<string> = new Set(['ExperimentalWarning']);

export function nodeWarnings(lines: readonly string[]): string[] {
  return lines.filter((line) => {
    const name = WARNING.exec(line)?.[1];
    return name !== undefined && !ACCEPTED.has(name);
  });
}
