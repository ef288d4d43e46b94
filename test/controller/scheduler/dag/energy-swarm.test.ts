/**
 * With deadlines, the swarms take less energy than the genetic algorithm at no more evaluations: on graphs of our own, and on those of the PSO-GA
 * paper's data set where it lies beside the repository (layer times, tensor sizes and servers are published; links and deadlines are assumed).
 */
import { existsSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { genetic, type PopulationOptions } from '../../../../controller/scheduler/dag/genetic.ts';
import { heft } from '../../../../controller/scheduler/dag/heft.ts';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import { memeticPsoGa } from '../../../../controller/scheduler/dag/memetic-pso-ga.ts';
import { type Problem, problemOf } from '../../../../controller/scheduler/dag/problem.ts';
import { psoGa } from '../../../../controller/scheduler/dag/pso-ga.ts';
import { RatedSolution } from '../../../../controller/scheduler/dag/rated-solution.ts';
import type { Rater } from '../../../../controller/scheduler/dag/rater.ts';
import { type Schedule, verifySchedule } from '../../../../controller/scheduler/dag/schedule.ts';
import { type Target, targetOf } from '../../../../controller/scheduler/dag/target.ts';
import { Random } from '../../../../mesh/random.ts';

const SEEDS = [1, 2, 3];
const MEMBERS = 40;
/** Of the genetic algorithm; the others get as many evaluations, or fewer. */
const EVALUATIONS = 8000;

type Search = (problem: Problem, options: PopulationOptions) => Schedule;

/** Evaluations that a search made, and what it came to. */
function run(search: Search, problem: Problem, seed: number, generations: number): { readonly score: number; readonly count: number } {
  const target = targetOf(problem, 'energy');
  let count = 0;
  const rater = (): Rater => {
    const inner = target.rater();
    return {
      rate: (order, processor) => {
        count += 1;
        return inner.rate(order, processor);
      },
      schedule: (order, processor) => inner.schedule(order, processor),
    };
  };
  const counted: Target = { ...target, rater, state: () => new RatedSolution(problem, rater()) };
  const schedule = search(problem, { random: new Random(seed), members: MEMBERS, generations, stop: () => false, target: counted });
  verifySchedule(problem, schedule, 'search');
  return { score: target.scoreOf(schedule), count };
}

/** Generations for which the search stays within the evaluations: they grow evenly, beside what it begins with. */
function within(search: Search, problem: Problem): number {
  const [few, more] = [4, 8].map((generations) => run(search, problem, SEEDS[0]!, generations).count);
  const each = (more! - few!) / 4;
  return Math.floor((EVALUATIONS * 0.95 - few!) / each) + 4;
}

function compare(name: string, problem: Problem): void {
  test.serial(`swarms take less energy than the genetic algorithm: ${name}`, async (t) => {
    const means: number[] = [];
    for (const search of [genetic, psoGa, memeticPsoGa]) {
      const generations = within(search, problem);
      let sum = 0;
      for (const seed of SEEDS) {
        const { score, count } = run(search, problem, seed, generations);
        t.true(count <= EVALUATIONS, `${search.name} has evaluated ${count}`);
        sum += score;
        // The process that waits for this one wants to hear of it.
        await setImmediate();
      }
      means.push(sum / SEEDS.length);
    }
    const [ga, pso, memetic] = means as [number, number, number];
    t.log(`mean score: GA ${ga}, PSO-GA ${pso}, memetic ${memetic}`);
    t.true(pso <= ga);
    t.true(memetic <= ga);
  });
}

/** Layers of six tasks, faster processors that take more power. */
function layered(tasks: number, processors: number, seed: number, tightness: number): Problem {
  const random = new Random(seed);
  const speed = Array.from({ length: processors }, () => 0.5 + 1.5 * random.next());
  const edges: [number, number, number][] = [];
  for (let task = 6; task < tasks; task += 1) {
    for (let input = 0; input < 2; input += 1) edges.push([(Math.floor(task / 6) - 1) * 6 + random.below(6), task, 1 + random.below(60)]);
  }
  const compute = Array.from({ length: tasks }, () => {
    const work = 10 + random.below(90);
    return speed.map((each) => (work / each) * (0.8 + 0.4 * random.next()));
  });
  const bandwidth = speed.map((_, p) => speed.map((__, q) => (p === q ? null : 2)));
  const power = { busy: speed.map((each) => 1 + 4 * each ** 2), idle: speed.map((each) => 0.2 * each) };
  const radio = { send: speed.map(() => 0.2), receive: speed.map(() => 0.1) };
  return due({ compute, edges, link: { bandwidth }, power, radio }, tightness);
}

/** All tasks are due at HEFT's makespan, times `tightness`. */
function due(instance: Readonly<Record<string, unknown>> & { readonly compute: readonly unknown[] }, tightness: number): Problem {
  const parsed = (fields: object): Problem => problemOf(parseInstance(JSON.stringify({ ...instance, ...fields }), 'due'));
  const end = heft(parsed({})).makespan * tightness;
  return parsed({ deadline: instance.compute.map(() => end) });
}

for (const [tasks, processors, seed, tightness] of [
  [18, 3, 1, 1.1],
  [24, 4, 2, 1.3],
  [30, 4, 3, 1.6],
  [36, 6, 4, 1.3],
] as const) {
  compare(`${tasks} tasks on ${processors} processors, ${tightness} times as long as HEFT`, layered(tasks, processors, seed, tightness));
}

interface Published {
  readonly models: Readonly<
    Record<
      string,
      {
        readonly layers: readonly { readonly seconds: number; readonly outputMB: number }[];
        readonly edges: readonly (readonly [number, number])[];
      }
    >
  >;
  readonly servers: { readonly '4 edge': readonly (readonly number[])[] };
}

const file = fileURLToPath(new URL('../../../../../shared/instances/published/spso-ga.json', import.meta.url));
if (existsSync(file)) {
  const { models, servers } = JSON.parse(readFileSync(file, 'utf8')) as Published;
  for (const [name, copies] of [
    ['AlexNet', 3],
    ['VGG19', 2],
    ['GoogLeNet', 1],
  ] as const) {
    compare(`${copies} × ${name} at once, on a device, four edge servers and a cloud`, published(models[name]!, servers['4 edge'], copies));
  }
} else test('the graphs of the PSO-GA paper', (t) => t.log(`${file} is not there: only our own graphs are tried`) ?? t.pass());

/** Columns: speed, cores, tier (0 device, 1 edge, 2 cloud), joules per MB received, watts, joules per MB sent. */
function published({ layers, edges }: Published['models'][string], servers: readonly (readonly number[])[], copies: number): Problem {
  const tier = (server: readonly number[]): number => server[2]!;
  const rate = (a: readonly number[], b: readonly number[]): number => (tier(a) === 2 || tier(b) === 2 ? 2 : 10);
  const one = {
    compute: layers.map(({ seconds }) => servers.map((server) => seconds / server[0]!)),
    edges: edges.map(([from, to]) => [from, to, layers[from]!.outputMB]),
    link: { bandwidth: servers.map((a, p) => servers.map((b, q) => (p === q ? null : rate(a, b)))) },
    power: { busy: servers.map((server) => server[4]!), idle: servers.map(() => 0) },
    radio: { send: servers.map((server) => server[5]!), receive: servers.map((server) => server[3]!) },
  };
  const alone = heft(problemOf(parseInstance(JSON.stringify(one), 'one'))).makespan;
  const jobs = [{ name: 'dnn', tasks: `0-${layers.length - 1}`, period: 0, count: copies, deadline: alone * 1.5 * copies ** 0.5 }];
  return problemOf(parseInstance(JSON.stringify({ ...one, jobs }), 'published'));
}
