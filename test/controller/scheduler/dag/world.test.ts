/** Instances that say more than times and links: what every algorithm makes of them is a schedule, and no better than the truth. */
import test from 'ava';
import fc from 'fast-check';
import { type Algorithm, algorithms, type SolveOptions, solve } from '../../../../controller/scheduler/dag/algorithms.ts';
import { longestMakespan, mostEnergy } from '../../../../controller/scheduler/dag/ceilings.ts';
import { figuresOf } from '../../../../controller/scheduler/dag/figures.ts';
import type { Placing } from '../../../../controller/scheduler/dag/network.ts';
import type { ObjectiveName } from '../../../../controller/scheduler/dag/objective.ts';
import { Population } from '../../../../controller/scheduler/dag/population.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { GeneralRater } from '../../../../controller/scheduler/dag/rater.ts';
import { verifySchedule } from '../../../../controller/scheduler/dag/schedule.ts';
import type { Solution } from '../../../../controller/scheduler/dag/solution.ts';
import { targetOf } from '../../../../controller/scheduler/dag/target.ts';
import { MeshError } from '../../../../mesh/error.ts';
import { Random } from '../../../../mesh/random.ts';
import { allTruths, type Truth, truthOf } from './brute-force-world.ts';
import { instances } from './random-instance.ts';
import { worlds } from './random-world.ts';

/** What an instance can be asked for. */
function objectivesOf({ power, goals }: Problem): readonly ObjectiveName[] {
  return ['makespan', ...(power === undefined ? [] : ['energy' as const]), ...(goals.length === 0 ? [] : ['deadline' as const])];
}

/** So many looks at the clock. */
function after(looks: number): () => boolean {
  let left = looks;
  return () => {
    left -= 1;
    return left < 0;
  };
}

/** Undefined when everything has to be on one processor and does not fit. */
function solved(algorithm: Algorithm, problem: Problem, options: SolveOptions): Solution | undefined {
  try {
    return solve(algorithm, problem, options);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'exhausted' && /^(local|edge-only)$/.test(algorithm.name)) return undefined;
    throw error;
  }
}

test('every algorithm makes valid schedules, for every objective, into gaps and without', (t) => {
  let calls = 0;
  fc.assert(
    fc.property(
      worlds(9, 3),
      fc.constantFrom<Placing | undefined>('append', 'insertion', undefined),
      fc.nat(3),
      (instance, placing, looks) => {
        const problem = problemOf(instance);
        for (const objective of objectivesOf(problem)) {
          for (const algorithm of algorithms) {
            calls += 1;
            const options = { seed: 1, stop: after(looks), objective, ...(placing === undefined ? {} : { placing }) };
            const solution = solved(algorithm, problem, options);
            if (solution === undefined) continue;
            const { value, lowerBound, isMet, isOptimal, figures } = solution;
            const kept = objective !== 'energy' || figures.lateness === 0;
            if (kept !== isMet)
              throw new Error(`${algorithm.name}: late by ${figures.lateness}, and said to be ${isMet ? 'in time' : 'late'}`);
            if (isMet && lowerBound > value) throw new Error(`${algorithm.name}: bound ${lowerBound} above ${value}`);
            if (isOptimal && !isMet) throw new Error(`${algorithm.name}: optimal, though late`);
          }
        }
      },
    ),
    { numRuns: 45 },
  );
  t.true(calls > 1000);
});

test('times, energy, utility and lateness are what they are when written down plainly', (t) => {
  fc.assert(
    fc.property(worlds(7, 3), fc.nat(), (instance, seed) => {
      const problem = problemOf(instance);
      const target = targetOf(problem, 'makespan', 'append');
      const rater = new GeneralRater(problem, target.objective, 'append');
      const population = new Population(problem, new Random(seed));
      for (let trial = 0; trial < 5; trial += 1) {
        const { order, processor } = population.randomMember();
        if (trial % 2 === 1) processor[seed % problem.tasks] = seed % problem.processors;
        const truth = truthOf(instance, [...order], [...processor]);
        const score = rater.rate(order, processor);
        if ((truth === undefined) !== score > target.objective.top) throw new Error(`fits into memory? ${score}`);
        if (truth === undefined) continue;
        const schedule = rater.schedule(order, processor);
        verifySchedule(problem, schedule, 'rater');
        const figures = figuresOf(problem, schedule);
        for (const key of ['makespan', 'energy', 'utility', 'lateness'] as const) {
          if (Math.abs(figures[key] - truth[key]) > 1e-9 * Math.max(1, truth[key]))
            throw new Error(`${key} ${figures[key]}, is ${truth[key]}`);
        }
        if (truth.makespan > longestMakespan(problem) * (1 + 1e-9)) throw new Error(`${truth.makespan} is longer than the longest`);
        if (truth.energy > mostEnergy(problem) * (1 + 1e-9)) throw new Error(`${truth.energy} is more than there can be`);
      }
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('without anything but times and links, the timetable and the fast pass agree', (t) => {
  fc.assert(
    fc.property(instances(10, 3, false), fc.nat(), (instance, seed) => {
      const problem = problemOf(instance);
      const target = targetOf(problem);
      const general = new GeneralRater(problem, target.objective, 'append');
      const { order, processor } = new Population(problem, new Random(seed)).randomMember();
      const [fast, slow] = [target.rater().rate(order, processor), general.rate(order, processor)];
      if (!target.isFast || fast !== slow) throw new Error(`${fast} and ${slow}`);
    }),
    { numRuns: 200 },
  );
  t.pass();
});

const values: Readonly<Record<ObjectiveName, (truth: Truth) => number>> = {
  makespan: ({ makespan }) => makespan,
  energy: ({ energy, lateness }) => (lateness === 0 ? energy : Number.POSITIVE_INFINITY),
  deadline: ({ utility }) => 1 - utility,
};

test('no bound of an objective is above the best there is, and searches come to it', (t) => {
  let [searches, found] = [0, 0];
  fc.assert(
    // Without contention every schedule worth having is an order and a placement.
    fc.property(worlds(4, 3, ['none']), (instance) => {
      const problem = problemOf(instance);
      const truths = [...allTruths(instance)];
      for (const objective of objectivesOf(problem)) {
        const best = truths.reduce((least, truth) => Math.min(least, values[objective](truth)), Number.POSITIVE_INFINITY);
        const slack = 1e-9 * Math.max(1, best);
        const bound = targetOf(problem, objective).objective.lowerBound();
        if (bound > best + slack) throw new Error(`${objective}: bound ${bound} above ${best}`);
        for (const name of ['auto', 'exact']) {
          const solution = solve(algorithms.find((each) => each.name === name)!, problem, { seed: 1, stop: after(10), objective });
          if (solution.isMet && solution.value < best - slack) throw new Error(`${name}, ${objective}: ${solution.value} below ${best}`);
          if (solution.isMet && solution.isOptimal && solution.value > best + slack)
            throw new Error(`${name}: ${solution.value} proven, ${best} found`);
          if (solution.lowerBound > best + slack) throw new Error(`${name}, ${objective}: bound ${solution.lowerBound} above ${best}`);
          if (name === 'exact') continue;
          searches += 1;
          if (!solution.isMet ? best === Number.POSITIVE_INFINITY : solution.value <= best + slack) found += 1;
        }
      }
    }),
    { numRuns: 120 },
  );
  t.true(searches > 150);
  t.true(found >= 0.95 * searches, `${found} of ${searches}`);
});

test('a feasible schedule is better than any that is late, of those the one with less energy, of late ones the less late', (t) => {
  fc.assert(
    fc.property(worlds(5, 3, ['none']), (instance) => {
      const problem = problemOf(instance);
      if (problem.power === undefined) return;
      const { score, top } = targetOf(problem, 'energy').objective;
      const rank = (truth: Truth): readonly [number, number] => (truth.lateness > 0 ? [1, truth.lateness] : [0, truth.energy]);
      const some = [...allTruths(instance)].filter((_, at) => at % 7 === 0).slice(0, 40);
      for (const a of some) {
        if (score(a) >= top) throw new Error(`${score(a)} is above ${top}`);
        for (const b of some) {
          const [x, y] = [rank(a), rank(b)];
          const isBefore = x[0] < y[0] || (x[0] === y[0] && x[1] < y[1] - 1e-9);
          if (isBefore && !(score(a) < score(b)))
            throw new Error(`${JSON.stringify(a)} scores ${score(a)}, ${JSON.stringify(b)} ${score(b)}`);
        }
      }
    }),
    { numRuns: 100 },
  );
  t.pass();
});

test('auto is the same for the same seed, and never worse than HEFT, whatever counts', (t) => {
  fc.assert(
    fc.property(worlds(7, 3), fc.nat(), (instance, seed) => {
      const problem = problemOf(instance);
      for (const objective of objectivesOf(problem)) {
        const target = targetOf(problem, objective);
        const by = (name: string): Solution =>
          solve(algorithms.find((each) => each.name === name)!, problem, { seed, stop: after(6), objective });
        const [one, other] = [by('auto'), by('auto')];
        if (one.schedule.processor.join() !== other.schedule.processor.join()) throw new Error('another schedule for the same seed');
        if (target.scoreOf(one.schedule) > target.scoreOf(by('heft').schedule)) throw new Error(`${objective}: worse than HEFT`);
      }
    }),
    { numRuns: 60 },
  );
  t.pass();
});
