/**
 * The replan port: who says with what a run goes on when its plan can't. What is asked for carries all that a planner has to know of the run;
 * the devices it knows itself.
 */
import type { Epoch } from '../../mesh/frame.ts';
import type { Candidate } from './plan-watch.ts';
import type { Planned } from './planned.ts';

export interface ReplanRequest {
  /** What the run has carried out so far. */
  readonly planned: Planned;
  /** Of the plan to be made. */
  readonly epoch: Epoch;
  /** Devices that can't be used now. */
  readonly without: ReadonlySet<string>;
  /** Whether a stage should rather not go to a device again. */
  readonly avoid: (stage: string, device: string) => boolean;
  /** Devices that are kept ready, to be used first. */
  readonly spares: readonly string[];
  /** Stage → how long it computes a frame, milliseconds; stages that nothing is known of are missing. */
  readonly computeMs: ReadonlyMap<string, number>;
}

export interface ImproveRequest extends Pick<ReplanRequest, 'planned' | 'without' | 'computeMs'> {
  /** Device → how many times longer it takes for a frame than it used to. */
  readonly slowness: ReadonlyMap<string, number>;
}

/** Undefined: nothing better is known. The plan's epoch is that of the present one. */
export type Improve = (request: ImproveRequest) => Candidate | undefined;

/** What to carry out instead, or why there is nothing, for a person. */
export type Replan = (request: ReplanRequest) => Promise<Planned | string>;
