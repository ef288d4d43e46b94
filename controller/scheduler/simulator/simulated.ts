/** What a simulation tells: the same numbers as a run, and what no run can see. Durations in milliseconds of virtual time. */
import type { FrameMeasurement } from '../../../mesh/measurement.ts';
import type { Loss } from './happenings.ts';

export interface Simulated {
  /** Those that arrived, in the order of their ids; times since the first frame's start. `throughputOf` counts them as it does a run's. */
  readonly frames: readonly FrameMeasurement[];
  readonly sent: number;
  /** Sent, and not arrived when the run ended. */
  readonly lost: number;
  /** What ended the run; undefined: it is complete, or stands still for ever. */
  readonly loss: Loss | undefined;
  /** First frame's start → last arrival. */
  readonly elapsedMs: number;
  /** Most frames on their way at once, when the run ended. */
  readonly window: number;
  readonly stages: readonly SimulatedStage[];
  readonly routes: readonly SimulatedRoute[];
  readonly devices: readonly SimulatedDevice[];
  readonly media: readonly SimulatedMedium[];
  /** Timers that were due: how much work the simulation was. */
  readonly events: number;
}

export interface SimulatedStage {
  readonly id: string;
  readonly device: string;
  readonly frames: number;
  /** Of the elapsed time, the session was at work. */
  readonly busyShare: number;
  /** Mean per frame, waiting for the processor included. */
  readonly computeMs: number;
  /** Mean: all inputs there → the session takes the frame. */
  readonly queueMs: number;
  /** Most frames complete and not yet computed. */
  readonly queuedMax: number;
}

export interface SimulatedRoute {
  readonly from: string;
  readonly to: string;
  readonly frames: number;
  readonly wireBytes: number;
  /** Mean: first byte offered → the consumer's word that it has the frame. */
  readonly transferMs: number;
  /** Mean per frame: ready to be sent, and no credit. */
  readonly creditWaitMs: number;
  /** Most frames under way or held by the consumer. */
  readonly outstandingMax: number;
}

export interface SimulatedDevice {
  readonly name: string;
  /** Of the elapsed time, something ran or wanted to. */
  readonly busyShare: number;
  /** Of the elapsed time, something wanted to run and the quota was used up. */
  readonly throttledShare: number;
  readonly cpuMs: number;
}

export interface SimulatedMedium {
  readonly name: string;
  readonly bytes: number;
  /** Of the elapsed time, something passed. */
  readonly busyShare: number;
}
