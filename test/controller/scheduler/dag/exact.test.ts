/** The exact search against trying everything, its bounds while it is stopped, and what it must not depend on. */
import test from 'ava';
import fc from 'fast-check';
import { auto } from '../../../../controller/scheduler/dag/auto.ts';
import { branchAndBound, ExactSearch } from '../../../../controller/scheduler/dag/branch-and-bound.ts';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import type { Instance } from '../../../../controller/scheduler/dag/instance.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { verifySchedule } from '../../../../controller/scheduler/dag/schedule.ts';
import { local } from '../../../../controller/scheduler/dag/simple.ts';
import { optimumByForce } from './brute-force.ts';
import { knownInstances } from './known-instances.ts';
import { alike, busy } from './random-hard.ts';
import { instances } from './random-instance.ts';

const never = (): boolean => false;

function isOptimal(instance: Instance): void {
  const problem = problemOf(instance);
  const optimum = optimumByForce(instance);
  for (const known of [local(problem), heft(problem)]) {
    const { schedule, proven, lowerBound } = branchAndBound(problem, known, never);
    verifySchedule(problem, schedule, 'exact');
    if (!proven || lowerBound !== schedule.makespan) throw new Error('it came to its end, and says it has no proof');
    if (Math.abs(schedule.makespan - optimum) > 1e-9 * optimum) throw new Error(`${schedule.makespan} instead of ${optimum}`);
  }
}

test('the exact search finds what trying everything finds: whole numbers', (t) => {
  fc.assert(fc.property(instances(5, 3), isOptimal), { numRuns: 300 });
  t.pass();
});

test('the exact search finds what trying everything finds: fractions', (t) => {
  fc.assert(fc.property(instances(5, 3, false), isOptimal), { numRuns: 300 });
  t.pass();
});

test('the exact search finds what trying everything finds: equal tasks and processors that are alike', (t) => {
  fc.assert(fc.property(alike(6, 3), isOptimal), { numRuns: 300 });
  t.pass();
});

test('a bound without search, and one of a search that is stopped, is never above the optimum', (t) => {
  fc.assert(
    fc.property(fc.oneof(instances(5, 3), instances(5, 3, false), alike(6, 3)), (instance) => {
      const problem = problemOf(instance);
      const optimum = optimumByForce(instance) * (1 + 1e-12);
      const exact = new ExactSearch(problem, local(problem));
      const refuted = exact.refute(never);
      if (refuted.lowerBound > optimum) throw new Error(`${refuted.lowerBound} above ${optimum}`);
      const stopped = exact.run(() => true);
      if (stopped.lowerBound < refuted.lowerBound) throw new Error('a bound was forgotten');
      if (stopped.lowerBound > optimum) throw new Error(`${stopped.lowerBound} above ${optimum}`);
      const { schedule, lowerBound } = auto(problem, { seed: 1, rounds: 1, stop: never });
      if (lowerBound > optimum || schedule.makespan < optimum * (1 - 1e-9))
        throw new Error(`${lowerBound}, ${optimum}, ${schedule.makespan}`);
    }),
    { numRuns: 400 },
  );
  t.pass();
});

/** Every edge turned round, and the links with them: a schedule read backwards. */
function backwards({ id, compute, edges, link }: Instance): Instance {
  const turn = <T>(rows: readonly (readonly T[])[]): T[][] => rows.map((_, p) => rows.map((row) => row[p]!));
  return {
    id,
    compute,
    edges: edges.map(([from, to, data]) => [to, from, data]),
    link: { bandwidth: turn(link.bandwidth), latency: link.latency === null ? null : turn(link.latency) },
  };
}

/** The same with the last task first, and the last processor. */
function renumbered({ id, compute, edges, link }: Instance): Instance {
  const turn = <T>(rows: readonly (readonly T[])[]): T[][] => rows.map((row) => row.toReversed()).toReversed();
  const other = (task: number): number => compute.length - 1 - task;
  return {
    id,
    compute: turn(compute),
    edges: edges.map(([from, to, data]) => [other(from), other(to), data] as const).toReversed(),
    link: { bandwidth: turn(link.bandwidth), latency: link.latency === null ? null : turn(link.latency) },
  };
}

test('an instance that is turned round or has other numbers has the same optimum', (t) => {
  fc.assert(
    fc.property(fc.oneof(instances(12, 4), alike(10, 3), busy(9, 13)), (instance) => {
      const optimum = (each: Instance): number => {
        const problem = problemOf(each);
        const { schedule } = branchAndBound(problem, local(problem), never);
        verifySchedule(problem, schedule, 'exact');
        return schedule.makespan;
      };
      const found = [instance, backwards(instance), renumbered(instance), renumbered(backwards(instance))].map(optimum);
      if (new Set(found).size > 1) throw new Error(`${found}`);
    }),
    { numRuns: 400 },
  );
  t.pass();
});

const known = (id: string): { readonly problem: Problem; readonly best: number } => {
  const { problem, expected } = knownInstances.find((each) => each.id.startsWith(id))!;
  return { problem, best: expected.bestKnown!.makespan };
};

test('a bound of bounds: those of the larger instances of our own are within a fifth of the best known', (t) => {
  for (const id of ['m01', 'm02', 'm06', 'l01']) {
    const { problem, best } = known(id);
    const { lowerBound } = new ExactSearch(problem, heft(problem)).refute(never);
    t.true(lowerBound <= best && best <= 1.2 * lowerBound, `${id}: ${lowerBound}, ${best}`);
  }
});

for (const { id, problem, expected } of knownInstances.filter(
  ({ id: name }) => /^([stay]\d|m0[12]|topcuoglu|arabnejad|d0[3478])/.test(name) && !name.startsWith('y02'),
)) {
  test(`auto proves ${id} without a limit of time`, (t) => {
    const { schedule, lowerBound } = auto(problem, { seed: 1, rounds: 7, stop: never });
    t.is(lowerBound, schedule.makespan);
    const best = expected.bestKnown?.makespan;
    t.true(best === undefined || Math.abs(schedule.makespan - best) <= 1e-4 * Math.max(1, best * 1e-3), `${schedule.makespan}`);
  });
}

for (const id of ['m01', 'm02']) {
  test(`${id} is proven within a thousand contradictions`, (t) => {
    const { problem, best } = known(id);
    let left = 1000;
    const { schedule, proven } = branchAndBound(problem, heft(problem), (met) => {
      left -= met;
      return left <= 0;
    });
    t.deepEqual([schedule.makespan, proven], [best, true]);
  });
}

test('a search that was stopped goes on where it was, takes a better schedule from elsewhere, and is the same every time', (t) => {
  const { problem, best } = known('t01');
  const inSteps = (): [readonly number[], number] => {
    const exact = new ExactSearch(problem, local(problem));
    let steps = 0;
    while (!exact.run(() => true).proven) {
      steps += 1;
      if (steps === 1) exact.improve(heft(problem));
    }
    return [[...exact.result.schedule.processor], steps];
  };
  const [first, second] = [inSteps(), inSteps()];
  t.deepEqual(first, second);
  const exact = new ExactSearch(problem, local(problem));
  t.is(exact.run(never).schedule.makespan, best);
  exact.improve(local(problem));
  t.is(exact.result.schedule.makespan, best, 'what is no better changes nothing');
});
