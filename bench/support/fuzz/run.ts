/**
 * Runs hostile cases. Everything follows from the seed: case n of a seed and a choice of targets is always the same.
 */
import { Random } from '../../../mesh/random.ts';
import type { Target } from './target.ts';
import { makeTargets } from './targets.ts';

export interface Tally {
  readonly target: string;
  cases: number;
  /** Cases by what came of them: ok, damaged, … and `finding`. */
  readonly verdicts: Map<string, number>;
  /** The first few things that must not happen, each with seed, case and bytes. */
  readonly findings: string[];
  /** Of the slowest case, with its number. */
  slowest: { ms: number; case: number };
}

const FINDINGS_SHOWN = 5;
const BYTES_SHOWN = 4000;

/** `nowMs` is a clock; a case that takes longer than `msMax` is a finding. `only`: the names of targets; all when empty. */
export function fuzz(seed: number, cases: number, msMax: number, nowMs: () => number, only: readonly string[] = []): Tally[] {
  const targets = makeTargets(new Random(seed)).filter(({ name }) => only.length === 0 || only.includes(name));
  const wheel = targets.flatMap((target) => Array<Target>(Math.round(2 * target.share)).fill(target));
  const tallies = new Map(targets.map(({ name }) => [name, emptyTally(name)]));
  for (let number = 0; number < cases; number += 1) {
    const random = new Random(seed + (number + 1) * 2 ** 32);
    const target = wheel[number % wheel.length]!;
    const tally = tallies.get(target.name)!;
    const bytes = target.next(random);
    const found = (what: string): string => {
      const hex = Buffer.from(bytes.subarray(0, BYTES_SHOWN)).toString('hex');
      if (tally.findings.length < FINDINGS_SHOWN)
        tally.findings.push(`${what}; seed ${seed}, case ${number}, ${bytes.length} bytes: ${hex}`);
      return 'finding';
    };
    const started = nowMs();
    const attempt = (): string => {
      try {
        return target.run(bytes, random);
      } catch (thrown) {
        // Findings, and errors that no decoder may throw.
        return found(String(thrown));
      }
    };
    const verdict = attempt();
    const ms = nowMs() - started;
    if (ms > msMax) found(`took ${Math.round(ms)} ms, at most ${msMax} are allowed`);
    if (ms > tally.slowest.ms) tally.slowest = { ms, case: number };
    tally.cases += 1;
    tally.verdicts.set(verdict, (tally.verdicts.get(verdict) ?? 0) + 1);
  }
  return [...tallies.values()];
}

function emptyTally(target: string): Tally {
  return { target, cases: 0, verdicts: new Map(), findings: [], slowest: { ms: 0, case: 0 } };
}
