/**
 * Simulated annealing over order and placement: a task goes to another position that precedence allows, to another processor, or both. Worse
 * solutions are accepted with probability exp(−excess ÷ temperature), of the makespan as well as of the cost; the temperature falls from a part of the makespan to almost nothing, and
 * after that the search begins again, from the best solution and less hot.
 * (Kirkpatrick, Gelatt, Vecchi: Optimization by simulated annealing, Science 220, 1983.)
 */
import type { Random } from '../random.ts';
import type { Evaluator } from './evaluator.ts';
import type { Schedule } from './schedule.ts';

export interface AnnealingOptions {
  readonly random: Random;
  /** Moves tried. */
  readonly moves: number;
  /** Of the makespan, at the beginning and at the end. */
  readonly hot: number;
  readonly cold: number;
  /** Nothing can be better: the search ends when this is reached. */
  readonly bound: number;
  /** Asked now and then: whether to stop. */
  readonly stop: () => boolean;
}

/** How many moves between two looks at the clock and at the temperature. */
const LOOK_EVERY = 256;
/** Of the moves, those of a task on a critical path. */
const CRITICAL_SHARE = 0.5;

/** Begins at the evaluator's solution, leaves it at the best that was found, and returns that. */
export function anneal(evaluator: Evaluator, { random, moves, hot, cold, bound, stop }: AnnealingOptions): Schedule {
  const { tasks, processors } = evaluator.problem;
  let best = evaluator.makespan;
  const bestOrder = evaluator.order.slice();
  const bestProcessor = evaluator.processor.slice();
  const scale = evaluator.makespan;
  let temperature = hot * scale;
  for (let move = 0; move < moves && best > bound; move += 1) {
    if (move % LOOK_EVERY === 0) {
      if (stop()) break;
      temperature = scale * hot * (cold / hot) ** (move / moves);
    }
    const task = random.next() < CRITICAL_SHARE ? evaluator.critical[random.below(evaluator.criticalLength)]! : random.below(tasks);
    const was = evaluator.position[task]!;
    let to = was;
    let p = evaluator.processor[task]!;
    const kind = random.below(4);
    if (kind !== 0 && processors > 1) {
      p = random.below(processors - 1);
      if (p >= evaluator.processor[task]!) p += 1;
    }
    if (kind !== 1) {
      const first = evaluator.earliestPosition(task);
      to = first + random.below(evaluator.latestPosition(task) - first + 1);
    }
    if (to === was && p === evaluator.processor[task]) continue;
    const excess = -temperature * Math.log(1 - random.next());
    const limit = evaluator.cost + excess;
    if (evaluator.try(task, to, p, evaluator.makespan + excess) > limit) continue;
    evaluator.take();
    if (evaluator.makespan < best) {
      best = evaluator.makespan;
      bestOrder.set(evaluator.order);
      bestProcessor.set(evaluator.processor);
    }
  }
  evaluator.restore(bestOrder, bestProcessor);
  return evaluator.schedule();
}
