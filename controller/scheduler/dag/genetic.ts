/**
 * A genetic algorithm: the better of two random members, crossed with another such one, sometimes mutated; the best member always survives.
 * (Holland: Adaptation in Natural and Artificial Systems, 1975; for task graphs Hou, Ansari, Ren, IEEE TPDS 5(2), 1994.)
 */
import type { Random } from '../../../mesh/random.ts';
import { copyMember, type Member, Population } from './population.ts';
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { type Target, targetOf } from './target.ts';

export interface PopulationOptions {
  readonly random: Random;
  readonly members: number;
  readonly generations: number;
  readonly stop: () => boolean;
  /** What counts; without it the makespan. */
  readonly target?: Target;
}

const CROSSED = 0.9;
const MUTATED = 0.3;

export function genetic(problem: Problem, { random, members, generations, stop, target = targetOf(problem) }: PopulationOptions): Schedule {
  const population = new Population(problem, random, target.rater());
  let parents = Array.from({ length: members }, () => population.randomMember());
  let children: Member[] = parents.map(({ order, processor, score }) => ({
    order: order.slice(),
    processor: processor.slice(),
    score,
  }));
  for (const member of parents) population.rate(member);
  const better = (a: Member, b: Member): Member => (b.score < a.score ? b : a);
  const choose = (): Member => better(parents[random.below(members)]!, parents[random.below(members)]!);
  for (let generation = 0; generation < generations && !stop(); generation += 1) {
    for (const [index, child] of children.entries()) {
      copyMember(index === 0 ? parents.reduce(better) : choose(), child);
      if (index === 0) continue;
      if (random.next() < CROSSED) population.cross(child, choose());
      if (random.next() < MUTATED) population.mutate(child);
      population.rate(child);
    }
    [parents, children] = [children, parents];
  }
  return population.schedule(parents.reduce(better));
}
