/**
 * The launch port: how a stage process comes to be and is spoken to. `stage-child.ts` spawns a real one; a simulation runs the same program inside
 * itself.
 */
import type { CgroupUsage } from '../cgroup/hierarchy.ts';
import type { Order, Report } from '../stage/protocol.ts';

/** Starts a stage process. It has not said anything yet when this returns. */
export type Launch = (surroundings: StageSurroundings, handlers: LaunchHandlers) => LaunchedStage;

export interface StageSurroundings {
  readonly heapMiBMax: number;
  /** See StageGroup: empty without cgroups. */
  readonly procsFiles: readonly string[];
}

export interface LaunchHandlers {
  report(report: Report): void;
  /** The process is gone and all its reports have been delivered. Called once, last. */
  ended(end: LaunchEnd): void;
}

export interface LaunchEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to stderr. */
  readonly lastWords: string;
}

export interface LaunchedStage {
  /** Undefined when it could not be started; then `ended` is called. */
  readonly pid: number | undefined;
  /** One that is about to end takes no orders; `ended` says so soon. */
  send(order: Order): void;
  kill(): void;
  /** What it has used so far. Undefined when it is gone, or nobody knows. */
  usage(): CgroupUsage | undefined;
}
