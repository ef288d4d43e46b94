/** What is published, or was computed by others, about well-known instances. */
import test from 'ava';
import { algorithms, solve } from '../../../../controller/scheduler/dag/algorithms.ts';
import { lowerBounds } from '../../../../controller/scheduler/dag/bounds.ts';
import type { Problem } from '../../../../controller/scheduler/dag/problem.ts';
import { downwardRank, optimisticCosts, upwardRank } from '../../../../controller/scheduler/dag/ranks.ts';
import { knownInstances, missing } from './known-instances.ts';

const makespan = (name: string, problem: Problem): number =>
  solve(algorithms.find((each) => each.name === name)!, problem, { seed: 1, stop: undefined }).schedule.makespan;

const lists = { heft: 'heft', cpop: 'cpop', peft: 'peft', lookaheadHeft: 'lookahead-heft' } as const;
/** The values are written with four to six digits behind the point. */
const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(b) * 1e-3);

test('all instances are there', (t) => {
  if (missing !== undefined) t.log(missing);
  t.true(knownInstances.length >= 13);
});

for (const { id, problem, expected } of knownInstances) {
  for (const [key, name] of Object.entries(lists)) {
    const known = expected[key as keyof typeof lists];
    if (known === undefined) continue;
    test(`${name} of ${id} is ${known.makespan}`, (t) => {
      const found = makespan(name, problem);
      t.true(
        [known.makespan, ...known.accepted].some((each) => close(found, each)),
        `${found}`,
      );
    });
  }
  const { lowerBounds: bounds, optimum, bestKnown, intermediate } = expected;
  if (bounds !== undefined) {
    test(`the path bound of ${id} is ${bounds.criticalPath}, its area bound ${bounds.area} or better`, (t) => {
      const found = lowerBounds(problem);
      t.true(close(found.path, bounds.criticalPath), `${found.path}`);
      t.true(found.area >= bounds.area * 0.998, `${found.area}`);
      t.true(found.combined <= bestKnown!.makespan * (1 + 1e-6), 'no bound is above what was reached');
    });
  }
  // The exact search proves these in well under a second.
  if (optimum !== undefined && problem.tasks <= 30) {
    test(`the optimum of ${id} is ${optimum.makespan}, proven by search`, (t) => {
      const exact = algorithms.find(({ name }) => name === 'exact')!;
      const { schedule, lowerBound } = solve(exact, problem, { seed: 1, stop: undefined });
      t.true(close(schedule.makespan, optimum.makespan), `${schedule.makespan}`);
      t.is(lowerBound, schedule.makespan);
    });
  }
  if (intermediate !== undefined) {
    test(`ranks and cost tables of ${id} are as published`, (t) => {
      const computed: Readonly<Record<string, ArrayLike<number>>> = {
        rankU: upwardRank(problem),
        rankD: downwardRank(problem),
        oct: optimisticCosts(problem),
      };
      for (const [name, values] of Object.entries(intermediate)) {
        const found = computed[name];
        if (found === undefined) continue;
        for (const [index, value] of (values as readonly number[]).flat().entries()) {
          t.true(Math.abs(found[index]! - value) <= 1e-4, `${name}[${index}]: ${found[index]} instead of ${value}`);
        }
      }
    });
  }
}
