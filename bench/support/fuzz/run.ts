/**
 * Runs hostile cases. Everything follows from the seed: case n of a seed is always the same.
 */
import { Random } from '../../../controller/scheduler/random.ts';
import { Finding } from './outcome.ts';
import { makeTargets, type Target } from './targets.ts';

export interface Tally {
  readonly target: string;
  cases: number;
  /** Cases by what came of them: ok, damaged, … */
  readonly verdicts: Map<string, number>;
  /** Of the slowest case, with its number. */
  slowest: { ms: number; case: number };
}

/** `nowMs` is a clock; `msMax` is what a case may take. Throws a Finding that names seed, case and bytes. */
export function fuzz(seed: number, cases: number, msMax: number, nowMs: () => number): Tally[] {
  const targets = makeTargets(new Random(seed));
  const wheel = targets.flatMap((target) => Array<Target>(Math.round(2 * target.share)).fill(target));
  const tallies = new Map(
    targets.map(({ name }): [string, Tally] => [name, { target: name, cases: 0, verdicts: new Map(), slowest: { ms: 0, case: 0 } }]),
  );
  for (let number = 0; number < cases; number += 1) {
    const random = new Random(seed + (number + 1) * 2 ** 32);
    const target = wheel[number % wheel.length]!;
    const bytes = target.next(random);
    const started = nowMs();
    let verdict: string;
    try {
      verdict = target.run(bytes, random);
    } catch (thrown) {
      const where = `seed ${seed}, case ${number}, ${target.name}, ${bytes.length} bytes: ${Buffer.from(bytes.subarray(0, 4000)).toString('hex')}`;
      throw new Finding(`${thrown instanceof Error ? thrown.message : thrown}; ${where}`, { cause: thrown });
    }
    const ms = nowMs() - started;
    const tally = tallies.get(target.name)!;
    tally.cases += 1;
    tally.verdicts.set(verdict, (tally.verdicts.get(verdict) ?? 0) + 1);
    if (ms > tally.slowest.ms) tally.slowest = { ms, case: number };
    if (ms > msMax)
      throw new Finding(`a case took ${Math.round(ms)} ms, at most ${msMax} are allowed; seed ${seed}, case ${number}, ${target.name}`);
  }
  return [...tallies.values()];
}
