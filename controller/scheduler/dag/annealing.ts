/**
 * Simulated annealing over order and placement: a task goes to another position that precedence allows, to another processor, or both. Worse
 * solutions are accepted with probability exp(−excess ÷ temperature), of the score as well as of the cost; the temperature falls from a part of the score to almost nothing, and
 * after that the search begins again, from the best solution and less hot.
 * (Kirkpatrick, Gelatt, Vecchi: Optimization by simulated annealing, Science 220, 1983.)
 */
import type { Random } from '../../../mesh/random.ts';
import type { Schedule } from './schedule.ts';
import type { SearchState } from './search-state.ts';

export interface AnnealingOptions {
  readonly random: Random;
  /** Moves tried. */
  readonly moves: number;
  /** Of the score, at the beginning and at the end. */
  readonly hot: number;
  readonly cold: number;
  /** Nothing can be better: the search ends when this is reached. */
  readonly bound: number;
  /** Asked now and then: whether to stop. */
  readonly stop: () => boolean;
}

/** How many moves between two looks at the clock and at the temperature. */
const LOOK_EVERY = 256;
/** A score so much smaller than where it began is of another case: without lateness, say. */
const OTHER_CASE = 0.5;
/** Of the moves, those of a task on a critical path. */
const CRITICAL_SHARE = 0.5;

/** Begins at the state's solution, leaves it at the best that was found, and returns that. */
export function anneal(state: SearchState, { random, moves, hot, cold, bound, stop }: AnnealingOptions): Schedule {
  const { tasks, processors } = state.problem;
  let best = state.score;
  const bestOrder = state.order.slice();
  const bestProcessor = state.processor.slice();
  let scale = state.score;
  let temperature = hot * scale;
  for (let move = 0; move < moves && best > bound; move += 1) {
    if (move % LOOK_EVERY === 0) {
      if (stop()) break;
      if (best < scale * OTHER_CASE) scale = best;
      temperature = scale * hot * (cold / hot) ** (move / moves);
    }
    const task = random.next() < CRITICAL_SHARE ? state.critical[random.below(state.criticalLength)]! : random.below(tasks);
    const was = state.position[task]!;
    let to = was;
    let p = state.processor[task]!;
    const kind = random.below(4);
    if (kind !== 0 && processors > 1) {
      p = random.below(processors - 1);
      if (p >= state.processor[task]!) p += 1;
    }
    if (kind !== 1) {
      const first = state.earliestPosition(task);
      to = first + random.below(state.latestPosition(task) - first + 1);
    }
    if (to === was && p === state.processor[task]) continue;
    const excess = -temperature * Math.log(1 - random.next());
    const limit = state.cost + excess;
    if (state.try(task, to, p, state.score + excess) > limit) continue;
    state.take();
    if (state.score < best) {
      best = state.score;
      bestOrder.set(state.order);
      bestProcessor.set(state.processor);
    }
  }
  state.restore(bestOrder, bestProcessor);
  return state.schedule();
}
