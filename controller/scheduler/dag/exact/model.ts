/**
 * A problem as the exact search sees it: whole numbers, and a number for everything that can be decided.
 *
 *     mode m = task × processors + p         literal 2m: the task runs on p        literal 2m + 1: it does not
 *     pair (i, j) that nothing orders        literal 2v: i before j, if both are on one processor        2v + 1: j before i
 *
 * Heads (the earliest start of a mode) and tails (the least time behind its end) are treated alike: a tail is a head of the graph turned round.
 * So `side` 0 looks at the edges into a task, `side` 1 at those out of it, and bound `side × modes + m` belongs to mode m.
 *
 * Times are multiplied by `scale` and cut to whole numbers: nothing of what follows depends on the order of sums. Cutting makes tasks and transfers
 * shorter, never longer, so that no schedule is lost; 2⁴⁰ parts of the makespan are far below the tolerance of 1e-9.
 */
import { type Problem, transfer } from '../problem.ts';

const PARTS = 2 ** 40;
const NONE = -1;

export interface Side {
  /** Edges of each task, start[t] … start[t + 1] − 1: whose they come from, and their number. */
  readonly start: Int32Array;
  readonly task: Int32Array;
  readonly edge: Int32Array;
  /** Tasks such that each comes after those it waits for. */
  readonly order: Int32Array;
  /** At (edge × processors + p) × processors + q: the way to p, from q. */
  readonly way: Float64Array;
}

export class Model {
  readonly problem: Problem;
  readonly tasks: number;
  readonly processors: number;
  readonly modes: number;
  readonly scale: number;
  /** Of each mode. */
  readonly length: Float64Array;
  /** Of each task; none when nothing waits for a release. */
  readonly release: Float64Array | undefined;
  readonly sides: readonly [Side, Side];
  /** Literals are below 2 × `variables`. */
  readonly variables: number;
  /** Of pair v − modes: the tasks. */
  readonly first: Int32Array;
  readonly second: Int32Array;
  /** At i × tasks + j: the literal that says i before j; NONE when precedence decides, or when there are no pairs. */
  readonly #before: Int32Array;
  /** At i × tasks + j: whether j waits for i. */
  readonly #waits: Uint8Array;

  /** `hasPairs`: without, which is enough for bounds of large instances, no order of tasks can be decided. */
  constructor(problem: Problem, makespan: number, hasPairs: boolean) {
    const { tasks, processors, compute } = problem;
    this.problem = problem;
    this.tasks = tasks;
    this.processors = processors;
    this.modes = tasks * processors;
    this.scale = isWhole(problem) ? 1 : PARTS / Math.max(makespan, Number.MIN_VALUE);
    this.length = compute.map((time) => Math.floor(time * this.scale));
    this.release = problem.release?.map((time) => Math.floor(time * this.scale));
    this.sides = [
      {
        start: problem.inStart,
        task: problem.inFrom,
        edge: problem.inEdge,
        order: problem.order,
        way: this.#ways((edge, p, q) => transfer(problem, edge, q, p)),
      },
      {
        start: problem.outStart,
        task: problem.outTo,
        edge: problem.outEdge,
        order: problem.order.toReversed(),
        way: this.#ways((edge, p, q) => transfer(problem, edge, p, q)),
      },
    ];
    const across = hasPairs ? tasks : 0;
    this.#waits = new Uint8Array(across * across);
    this.#before = new Int32Array(across * across).fill(NONE);
    const [first, second]: [number[], number[]] = [[], []];
    if (hasPairs) {
      this.#close();
      for (let i = 0; i < tasks; i += 1) {
        for (let j = i + 1; j < tasks; j += 1) {
          if (this.#waits[i * tasks + j] === 1 || this.#waits[j * tasks + i] === 1) continue;
          this.#before[i * tasks + j] = 2 * (this.modes + first.length);
          this.#before[j * tasks + i] = 2 * (this.modes + first.length) + 1;
          first.push(i);
          second.push(j);
        }
      }
    }
    this.first = Int32Array.from(first);
    this.second = Int32Array.from(second);
    this.variables = this.modes + first.length;
  }

  /** The literal that says i before j, on one processor; NONE when nothing is left to decide. */
  before(i: number, j: number): number {
    return this.#before[i * this.tasks + j]!;
  }

  /** Whether j waits for i, however many tasks are between them. */
  waits(i: number, j: number): boolean {
    return this.#waits[i * this.tasks + j] === 1;
  }

  /** The largest whole number such that nothing that long is worth anything when `makespan` is known. */
  limitBelow(makespan: number): number {
    return this.scale === 1 ? Math.ceil(makespan) - 1 : Math.floor(makespan * this.scale * (1 - 1e-9));
  }

  #ways(way: (edge: number, p: number, q: number) => number): Float64Array {
    const { processors, data } = this.problem;
    const ways = new Float64Array(data.length * processors ** 2);
    for (let edge = 0; edge < data.length; edge += 1) {
      for (let p = 0; p < processors; p += 1) {
        for (let q = 0; q < processors; q += 1) ways[(edge * processors + p) * processors + q] = Math.floor(way(edge, p, q) * this.scale);
      }
    }
    return ways;
  }

  /** Who waits for whom: the transitive closure of the edges. */
  #close(): void {
    const { tasks } = this;
    const { order, inStart, inFrom } = this.problem;
    for (const task of order) {
      for (let at = inStart[task]!; at < inStart[task + 1]!; at += 1) {
        const from = inFrom[at]!;
        this.#waits[from * tasks + task] = 1;
        for (let each = 0; each < tasks; each += 1) if (this.#waits[each * tasks + from] === 1) this.#waits[each * tasks + task] = 1;
      }
    }
  }
}

/** All times and transfers are whole numbers, and with them all makespans. */
function isWhole(problem: Problem): boolean {
  const { compute, data, processors, release } = problem;
  if (!compute.every(Number.isSafeInteger) || release?.every(Number.isSafeInteger) === false) return false;
  for (let edge = 0; edge < data.length; edge += 1) {
    for (let p = 0; p < processors; p += 1) {
      for (let q = 0; q < processors; q += 1) if (!Number.isSafeInteger(transfer(problem, edge, p, q))) return false;
    }
  }
  return true;
}
