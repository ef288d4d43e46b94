/**
 * Schedulers for task graphs: how fast they are, and how far from the best known results.
 *
 *     node bench/scheduler.ts [--rounds 5] [--json]
 *
 * Excess is the mean, over the instances with 29 tasks or more, of makespan ÷ best known − 1, after so much time in one process with one seed.
 * Instances of others are used where their folder lies beside the repository.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { algorithms, solve } from '../controller/scheduler/dag/algorithms.ts';
import { Evaluator } from '../controller/scheduler/dag/evaluator.ts';
import { heft } from '../controller/scheduler/dag/heft.ts';
import { parseInstance } from '../controller/scheduler/dag/instance.ts';
import { peft } from '../controller/scheduler/dag/peft.ts';
import { type Problem, problemOf } from '../controller/scheduler/dag/problem.ts';
import { psoGa } from '../controller/scheduler/dag/pso-ga.ts';
import { Random } from '../mesh/random.ts';
import { layeredInstance } from './support/random-dag.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';
import { shapes, taskGraph } from './support/task-graphs.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' }, json: { type: 'boolean', default: false } } });
const rounds = Number(values.rounds);

interface Known {
  readonly id: string;
  readonly problem: Problem;
  readonly best: number;
}

const folders = ['../test/fixtures/instances/', '../../shared/instances/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const known = new Map<string, Known>();
for (const folder of folders.filter((path) => existsSync(path))) {
  for (const name of readdirSync(folder).filter((each) => /^[a-z]+\d.*\.json$/.test(each))) {
    const text = readFileSync(folder + name, 'utf8');
    const { id, expected } = JSON.parse(text) as { id: string; expected?: { bestKnown?: { makespan: number } } };
    if (expected?.bestKnown !== undefined)
      known.set(id, { id, problem: problemOf(parseInstance(text, name)), best: expected.bestKnown.makespan });
  }
}

function excess(group: RegExp, limitMs: number, seed: number): number {
  const auto = algorithms.find(({ name }) => name === 'auto')!;
  const each = [...known.values()]
    .filter(({ id }) => group.test(id))
    .map(({ problem, best }) => {
      const endMs = performance.now() + limitMs;
      return 100 * (solve(auto, problem, { seed, stop: () => performance.now() >= endMs }).schedule.makespan / best - 1);
    });
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}

/** Milliseconds until proven; Infinity when it was not. */
function provenMs(id: RegExp, limitMs: number): number {
  const startMs = performance.now();
  for (const { problem, id: name } of known.values()) {
    if (!id.test(name)) continue;
    const { schedule, lowerBound } = solve(algorithms.find((each) => each.name === 'auto')!, problem, {
      seed: 1,
      stop: () => performance.now() - startMs > limitMs,
    });
    if (lowerBound < schedule.makespan) return Number.POSITIVE_INFINITY;
  }
  return performance.now() - startMs;
}

/**
 * Of graphs with 27 to 47 tasks on four or five processors, one of each shape for each ratio of communication to computation: how many percent are
 * proven within so much time each.
 */
function provenShare(limitMs: number): number {
  const auto = algorithms.find(({ name }) => name === 'auto')!;
  const graphs = Object.keys(shapes).flatMap((shape, index) =>
    [0.1, 0.5, 1, 2, 10].map((ratio, at) =>
      taskGraph(shape, [31, 36, 40, 42, 45][(index + at) % 5]!, 4 + ((index + at) % 2), ratio, 10 * index + at),
    ),
  );
  const proven = graphs.filter((graph) => {
    const endMs = performance.now() + limitMs;
    const { schedule, lowerBound } = solve(auto, problemOf(graph), { seed: 1, stop: () => performance.now() >= endMs });
    return lowerBound === schedule.makespan;
  });
  return (100 * proven.length) / graphs.length;
}

/** Mean of best known ÷ bound − 1, in percent: what a second of `auto` leaves open. */
function gap(group: RegExp): number {
  const auto = algorithms.find(({ name }) => name === 'auto')!;
  const each = [...known.values()]
    .filter(({ id }) => group.test(id))
    .map(({ problem, best }) => {
      const endMs = performance.now() + 1000;
      const { schedule, lowerBound } = solve(auto, problem, { seed: 1, stop: () => performance.now() >= endMs });
      return 100 * (Math.min(best, schedule.makespan) / lowerBound - 1);
    });
  return each.reduce((sum, one) => sum + one, 0) / each.length;
}

function timeMs(work: () => void): number {
  const startMs = performance.now();
  work();
  return performance.now() - startMs;
}

/**
 * Trials of random moves a second, millions, from HEFT's schedule: does the makespan stay below `limit` times what it is, and what is it then? A
 * search asks with a limit just above 1; with Infinity each trial is computed to its end.
 */
function trialsPerSecond(tasks: number, limit: number): number {
  const problem = problemOf(layeredInstance(tasks, 4, 1));
  const evaluator = new Evaluator(problem);
  evaluator.adopt(heft(problem));
  const random = new Random(1);
  const count = 200_000;
  const ms = timeMs(() => {
    for (let trial = 0; trial < count; trial += 1) {
      const task = random.below(tasks);
      const first = evaluator.earliestPosition(task);
      evaluator.try(task, first + random.below(evaluator.latestPosition(task) - first + 1), random.below(4), evaluator.makespan * limit);
    }
  });
  return count / ms / 1000;
}

const large = problemOf(layeredInstance(1000, 16, 1));
// Not the time it takes to compile them.
for (let warmUp = 0; warmUp < 5; warmUp += 1) [heft, peft].map((list) => list(large));
const psoMs = (id: RegExp): number => {
  const { problem } = [...known.values()].find((each) => id.test(each.id))!;
  return timeMs(() => psoGa(problem, { random: new Random(1), members: 100, generations: 1000, stop: () => false }));
};
const hasOthers = [...known.keys()].some((id) => id.startsWith('y01'));
const measure = (what: string, unit: string, once: () => number, bar?: Row['bar'], times = rounds): Row => {
  const found = Array.from({ length: times }, once);
  return { what, value: median(found), unit, rounds: found, ...(bar === undefined ? {} : { bar }) };
};
const seeds = (limitMs: number): (() => number) => {
  let seed = 0;
  return () => {
    seed += 1;
    return excess(/^(m\d|l|y0[12]|d0[567])/, limitMs, seed);
  };
};
print(
  {
    benchmark: 'scheduler',
    method: `median of ${rounds} rounds (excess: of as many seeds); ${known.size} instances`,
    rows: [
      measure('HEFT, 1000 tasks on 16 processors', 'ms', () => timeMs(() => heft(large)), { atMost: 6 }),
      measure('PEFT, the same', 'ms', () => timeMs(() => peft(large)), { atMost: 30 }),
      measure('trials, 50 tasks, within 0.05 %', 'M/s', () => trialsPerSecond(50, 1.0005), { atLeast: 1 }),
      measure('trials, 500 tasks, within 0.05 %', 'M/s', () => trialsPerSecond(500, 1.0005), { atLeast: 0.3 }),
      measure('trials, 50 tasks, each to its end', 'M/s', () => trialsPerSecond(50, Number.POSITIVE_INFINITY)),
      measure('trials, 500 tasks, each to its end', 'M/s', () => trialsPerSecond(500, Number.POSITIVE_INFINITY)),
      measure('all small instances proven', 'ms', () => provenMs(/^(s|t|topcuoglu|arabnejad)/, 60_000), { atMost: 1000 }),
      measure('m01, 34 tasks on 4 processors, proven', 'ms', () => provenMs(/^m01/, 60_000), { atMost: 10_000 }, 1),
      measure('m02, 29 tasks on 4 processors, proven', 'ms', () => provenMs(/^m02/, 60_000), { atMost: 10_000 }, 1),
      measure('graphs of 27 to 47 tasks proven within 10 s each', '%', () => provenShare(10_000), undefined, 1),
      measure('mean gap of best known to bound, m* and l*', '%', () => gap(/^(m\d|l\d)/), { atMost: 20 }, 1),
      ...(hasOthers
        ? [
            measure('PSO-GA, 100 particles × 1000 iterations, y01', 'ms', () => psoMs(/^y01/), { atMost: 300 }),
            measure('the same, y02', 'ms', () => psoMs(/^y02/), { atMost: 800 }),
          ]
        : []),
      measure('mean excess after 0.2 s', '%', seeds(200), { atMost: 1.5 }),
      measure('mean excess after 1 s', '%', seeds(1000), { atMost: 0.8 }),
      measure('mean excess after 5 s', '%', seeds(5000), { atMost: 0.3 }, 2),
    ],
  },
  values.json,
);
