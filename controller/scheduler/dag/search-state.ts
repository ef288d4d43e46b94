/** What a local search stands on and asks: a solution, and what a change would make of it. */
import type { Problem } from './problem.ts';
import type { Schedule } from './schedule.ts';

export interface SearchState {
  readonly problem: Problem;
  /** Task at each position, position of each task, its processor. */
  readonly order: Int32Array;
  readonly position: Int32Array;
  readonly processor: Int32Array;
  /** Of the current solution; smaller is better. */
  readonly score: number;
  /** The score, or with it what tells which changes make room for better ones. */
  readonly cost: number;
  /** Tasks whose change may help: `criticalLength` of them. */
  readonly critical: Int32Array;
  readonly criticalLength: number;
  /** Takes over a schedule: its tasks by their start. */
  readonly adopt: (schedule: Schedule) => void;
  readonly restore: (order: Int32Array, processor: Int32Array) => void;
  readonly schedule: () => Schedule;
  /** The positions a task may be moved to, both included. */
  readonly earliestPosition: (task: number) => number;
  readonly latestPosition: (task: number) => number;
  /** The cost with a task at another place and on another processor; Infinity when its score exceeds `limit`. */
  readonly try: (task: number, to: number, p: number, limit: number) => number;
  /** Makes the last trial, which was not Infinity, the current solution. */
  readonly take: () => void;
}
