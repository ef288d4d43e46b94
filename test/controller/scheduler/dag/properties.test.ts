import test from 'ava';
import fc from 'fast-check';
import { algorithms, solve } from '../../../../controller/scheduler/dag/algorithms.ts';
import { auto } from '../../../../controller/scheduler/dag/auto.ts';
import { lowerBounds } from '../../../../controller/scheduler/dag/bounds.ts';
import { branchAndBound } from '../../../../controller/scheduler/dag/branch-and-bound.ts';
import { Evaluator } from '../../../../controller/scheduler/dag/evaluator.ts';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import { problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { type Schedule, scheduleOf, verifySchedule, violations } from '../../../../controller/scheduler/dag/schedule.ts';
import { local } from '../../../../controller/scheduler/dag/simple.ts';
import { optimumByForce } from './brute-force.ts';
import { instances } from './random-instance.ts';

const never = (): boolean => false;

test('every algorithm makes valid schedules of instances of all shapes', (t) => {
  // Searches stop at once: what they begin with must be valid, too; how they end is tried below.
  let calls = 0;
  fc.assert(
    fc.property(instances(12, 4, false), (instance) => {
      const problem = problemOf(instance);
      for (const algorithm of algorithms) {
        calls += 1;
        const { schedule, lowerBound } = solve(algorithm, problem, { seed: 1, stop: () => true });
        if (lowerBound > schedule.makespan) throw new Error(`${algorithm.name}: bound ${lowerBound} above ${schedule.makespan}`);
      }
    }),
    { numRuns: 300 },
  );
  t.true(calls > 3000);
});

test('the exact search finds what trying everything finds, and says that it is proven', (t) => {
  fc.assert(
    fc.property(instances(5, 3), (instance) => {
      const problem = problemOf(instance);
      const { schedule, proven } = branchAndBound(problem, local(problem), never);
      verifySchedule(problem, schedule, 'exact');
      const optimum = optimumByForce(instance);
      if (!proven || Math.abs(schedule.makespan - optimum) > 1e-9) throw new Error(`${schedule.makespan} instead of ${optimum}`);
    }),
    { numRuns: 400 },
  );
  t.pass();
});

test('no bound is above the optimum', (t) => {
  fc.assert(
    fc.property(instances(5, 3, false), (instance) => {
      const { path, area, window } = lowerBounds(problemOf(instance));
      const optimum = optimumByForce(instance) * (1 + 1e-9);
      for (const bound of [path, area, window]) if (bound > optimum) throw new Error(`${bound} above ${optimum}`);
    }),
    { numRuns: 400 },
  );
  t.pass();
});

test('auto is never worse than the best list schedule, is proven where it says so, and the same for the same seed', (t) => {
  fc.assert(
    fc.property(instances(6, 3), fc.nat(), (instance, seed) => {
      const problem = problemOf(instance);
      const { schedule, lowerBound } = auto(problem, { seed, rounds: 4, stop: never });
      const again = auto(problem, { seed, rounds: 4, stop: never });
      if (again.schedule.processor.join() !== schedule.processor.join()) throw new Error('another schedule for the same seed');
      if (schedule.makespan > heft(problem).makespan) throw new Error('worse than HEFT');
      if (lowerBound === schedule.makespan && problem.tasks <= 5 && Math.abs(lowerBound - optimumByForce(instance)) > 1e-9) {
        throw new Error(`${lowerBound} is not the optimum`);
      }
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test('a trial costs what the change costs when it is made, and an order is at least as good as the schedule it came from', (t) => {
  fc.assert(
    fc.property(instances(10, 3), fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 20 }), (instance, moves) => {
      const problem = problemOf(instance);
      const evaluator = new Evaluator(problem);
      const begin = heft(problem);
      evaluator.adopt(begin);
      if (evaluator.makespan > begin.makespan) throw new Error('worse than what was adopted');
      for (const [a, b, c] of moves) {
        const task = a % problem.tasks;
        const first = evaluator.earliestPosition(task);
        const to = first + (b % (evaluator.latestPosition(task) - first + 1));
        const cost = evaluator.try(task, to, c % problem.processors, Number.POSITIVE_INFINITY);
        evaluator.take();
        const fresh = new Evaluator(problem);
        fresh.restore(evaluator.order, evaluator.processor);
        if (cost !== fresh.cost) throw new Error(`tried as ${cost}, is ${fresh.cost}`);
        if (evaluator.cost !== fresh.cost || evaluator.makespan !== fresh.makespan)
          throw new Error(`taken as ${evaluator.cost}, is ${fresh.cost}`);
        // The same place again changes nothing: within the limit, and beyond one that is smaller.
        const again = (limit: number): number => evaluator.try(task, to, c % problem.processors, limit);
        if (again(fresh.makespan) !== fresh.cost) throw new Error('given up within the limit');
        if (fresh.makespan > 0 && again(fresh.makespan - 0.5) !== Number.POSITIVE_INFINITY)
          throw new Error('not given up beyond the limit');
        verifySchedule(problem, evaluator.schedule(), 'evaluator');
        if (evaluator.critical[0] === undefined || evaluator.criticalLength === 0) throw new Error('no critical path');
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

const twoTasks = problemOf({
  id: 'two',
  compute: [
    [3, 4],
    [5, 2],
  ],
  edges: [[0, 1, 10]],
  link: {
    bandwidth: [
      [null, 5],
      [5, null],
    ],
    latency: null,
  },
});
const schedule = (processor: number[], start: number[], finish: number[]): Schedule =>
  scheduleOf(Int32Array.from(processor), Float64Array.from(start), Float64Array.from(finish));

const wrong: readonly [string, Schedule, RegExp][] = [
  ['begins before its input is there', schedule([0, 1], [0, 4], [3, 6]), /task 1 starts at 4, before what task 0 hands on arrives at 5/],
  ['overlaps', schedule([0, 0], [0, 2], [3, 7]), /tasks 0 and 1 overlap on processor 0/],
  ['takes another time than it does', schedule([0, 0], [0, 3], [3, 7]), /task 1 takes 4 on processor 0: expected 5/],
  ['is on a processor that is not there', schedule([0, 2], [0, 3], [3, 8]), /task 1 is on processor 2, of 2/],
  ['begins before time does', schedule([0, 0], [-1, 3], [2, 8]), /task 0 runs from -1 to 2/],
  ['never ends', schedule([0, 0], [0, 3], [3, Number.POSITIVE_INFINITY]), /task 1 runs from 3 to Infinity/],
  [
    'ends at another time than is said',
    { ...schedule([0, 0], [0, 3], [3, 8]), makespan: 7 },
    /makespan is said to be 7: the last task ends at 8/,
  ],
];
test('a valid schedule has no violations', (t) => {
  t.deepEqual(violations(twoTasks, schedule([0, 1], [0, 5], [3, 7])), []);
});
for (const [what, broken, message] of wrong) {
  test(`a schedule that ${what} is none`, (t) => {
    t.true(
      violations(twoTasks, broken).some((each) => message.test(each)),
      violations(twoTasks, broken).join('; '),
    );
    t.throws(() => verifySchedule(twoTasks, broken, 'somebody'), { message: /somebody made a schedule of two that is none/ });
  });
}
