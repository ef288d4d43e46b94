/**
 * Counts of a test run, read from ava's report, which has a line for each test as it ends:
 *
 *       ✔ frame › ids count up
 *       ✘ [fail]: frame › ids never repeat
 *       - [skip] link › a slow link (needs root)
 */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Whatever else ava finds wrong (a crash, a timeout, no tests at all) shows in its exit code alone, and counts as one failure. */
export function readTally(report: string, exitCode: number | null): Tally {
  const text = stripColours(report);
  const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
  // The second form of each sign is for terminals without Unicode.
  const failed = count(/^\s*[✘×] /gm);
  return {
    passed: count(/^\s*[✔√] /gm),
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: count(/^\s*- \[(?:skip|todo)\] /gm),
  };
}

/**
 * What the report says about the failures: each failed test by name, and the details, which ava prints after the line that ends the list
 * of tests. Empty when nothing failed.
 */
export function readFailures(report: string, exitCode: number | null): { readonly names: readonly string[]; readonly details: string } {
  const text = stripColours(report);
  const names = [...text.matchAll(/^\s*[✘×] \[fail\]: (.*)$/gm)].map((match) => match[1] as string);
  if (names.length === 0 && exitCode === 0) return { names, details: '' };
  const end = text.search(/^\s*─$/m);
  return { names, details: end < 0 ? '' : text.slice(end) };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (kind: keyof Tally) => tallies.reduce((total, tally) => total + tally[kind], 0);
  return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}

export function formatTally({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${skipped} skipped\n${line}`;
}

function stripColours(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}
