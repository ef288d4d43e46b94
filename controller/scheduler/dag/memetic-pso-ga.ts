/**
 * Memetic PSO-GA: the swarm begins with schedules of whole blocks of tasks, and its result is improved by a local search.
 *
 *     tasks that exchange most are joined, heaviest transfer first, until k blocks are left; a block is on one processor
 *     k = processors, twice as many, …, all tasks ──▶ at each level the best placement of its blocks ──▶ swarm ──▶ local search
 *
 * (After the memetic algorithm with multilevel partitioning of "Distributed Inference for Multiple DNN Models in IoT Environments", MobiHoc 2022.)
 */
import type { Random } from '../../../mesh/random.ts';
import { anneal } from './annealing.ts';
import type { PopulationOptions } from './genetic.ts';
import { heft } from './heft.ts';
import { type Member, Population } from './population.ts';
import type { Problem } from './problem.ts';
import { psoGa } from './pso-ga.ts';
import { meanTransfer } from './ranks.ts';
import type { Schedule } from './schedule.ts';
import { betterOf } from './solution.ts';
import { type Target, targetOf } from './target.ts';

/** Placements of blocks tried per level and member. */
const BLOCK_TRIALS = 4;
/** Moves of the local search, per member and generation. */
const LOCAL_MOVES = 2;

export function memeticPsoGa(problem: Problem, options: PopulationOptions): Schedule {
  const { random, members, generations, stop, target = targetOf(problem) } = options;
  const begin: Schedule[] = [heft(problem, target.placing), ...target.begin()];
  for (let count = problem.processors; count < problem.tasks; count *= 2) {
    begin.push(...placeBlocks(target, blocksOf(problem, count), random, Math.max(1, members >> 2)));
  }
  const swarm = psoGa(problem, { ...options, target }, begin);
  const state = target.state();
  state.adopt(swarm);
  const bound = target.objective.lowerBound();
  const moves = members * generations * LOCAL_MOVES;
  return betterOf(target, swarm, anneal(state, { random, moves, hot: 0.002, cold: 0.0005, bound, stop }));
}

/** The block of each task, by its number from 0. */
export function blocksOf(problem: Problem, count: number): Int32Array {
  const { tasks, instance } = problem;
  const root = Int32Array.from({ length: tasks }, (_, task) => task);
  const find = (task: number): number => {
    let at = task;
    while (root[at] !== at) at = root[at]!;
    return at;
  };
  const weight = meanTransfer(problem);
  const heaviest = [...instance.edges.keys()].sort((a, b) => weight[b]! - weight[a]! || a - b);
  let left = tasks;
  for (const edge of heaviest) {
    if (left <= count) break;
    const [from, to] = instance.edges[edge]!;
    const [a, b] = [find(from), find(to)];
    if (a === b) continue;
    root[Math.max(a, b)] = Math.min(a, b);
    left -= 1;
  }
  const numbers = new Map<number, number>();
  return Int32Array.from({ length: tasks }, (_, task) => {
    const at = find(task);
    if (!numbers.has(at)) numbers.set(at, numbers.size);
    return numbers.get(at)!;
  });
}

/** The best of some random placements of blocks, each improved block by block. */
function placeBlocks({ problem, rater }: Target, block: Int32Array, random: Random, count: number): Schedule[] {
  const { processors } = problem;
  const population = new Population(problem, random, rater());
  const blocks = Math.max(...block) + 1;
  return Array.from({ length: count }, () => {
    const place = Int32Array.from({ length: blocks }, () => random.below(processors));
    const member: Member = {
      order: problem.order.slice(),
      processor: block.map((each) => place[each]!),
      score: Number.POSITIVE_INFINITY,
    };
    population.rate(member);
    for (let trial = 0; trial < BLOCK_TRIALS * blocks; trial += 1) {
      const moved = random.below(blocks);
      const [was, score] = [place[moved]!, member.score];
      place[moved] = random.below(processors);
      for (const [task, each] of block.entries()) if (each === moved) member.processor[task] = place[moved]!;
      population.rate(member);
      if (member.score <= score) continue;
      place[moved] = was;
      for (const [task, each] of block.entries()) if (each === moved) member.processor[task] = was;
      member.score = score;
    }
    return population.schedule(member);
  });
}
