/**
 * The replanning port: who says with what a run goes on when its plan can't, and with what it might go on better. What is asked for carries all that
 * a planner has to know of the run; the devices it knows itself.
 *
 *     something is lost ──▶ replan  ──▶ another plan, at once, or why there is none
 *     every second      ──▶ improve ──▶ the best other plan that is known, by how much it is better; made only when it is wanted
 */
import type { Device } from '../../mesh/device.ts';
import type { Epoch } from '../../mesh/frame.ts';
import type { LinkSpeed } from '../recovery/link-watch.ts';
import type { SeatDevice } from '../recovery/seating.ts';
import type { Planned } from './planned.ts';

/** What was measured of a run so far. */
export interface Measured {
  /** Stage → how long it computes a frame, milliseconds; stages that nothing is known of are missing. */
  readonly computeMs: ReadonlyMap<string, number>;
  /** Device → how many times longer it takes for a frame than it used to. */
  readonly slowness: ReadonlyMap<string, number>;
  readonly links: RunLinks;
}

/** What frames showed of the links between devices, source and sink. */
export interface RunLinks {
  /** Measured now, bytes per millisecond; undefined: nobody knows. */
  speed(from: string, to: string): LinkSpeed | undefined;
  /** Wire bytes per millisecond: measured, else what is likely. Undefined: nothing was ever measured. */
  estimate(from: string, to: string): number | undefined;
  /** Wire bytes of a frame between two stages, whatever replicas they have; undefined: none that are worth counting. */
  bytes(from: string, to: string): number | undefined;
}

export interface Present extends Measured {
  /** What the run has carried out so far. */
  readonly planned: Planned;
  /** Devices that can't be used now. */
  readonly without: ReadonlySet<string>;
}

export interface ReplanRequest extends Present {
  /** Of the plan to be made. */
  readonly epoch: Epoch;
  /** Whether a stage should rather not go to a device again. */
  readonly avoid: (stage: string, device: string) => boolean;
  /** Devices that are kept ready, to be used first. */
  readonly spares: readonly string[];
}

/** A plan that might be better. */
export interface Candidate {
  /** What the run wants small, over that of the present plan, as predicted by the same model. */
  readonly ratio: number;
  /** "stage2 on pc instead of pb". */
  readonly what: string;
  /** Its epoch is that of the present plan. Errors: whatever keeps it from being made. */
  readonly make: () => Promise<Planned>;
}

export interface Replanner {
  /** What to carry out instead, or why there is nothing, for a person. */
  replan(request: ReplanRequest): Promise<Planned | string>;
  /** Undefined: nothing better is known. Asked every second: it must not take long. */
  improve(present: Present): Candidate | undefined;
}

/** Whoever can cut the model in other places, too, for the devices that are there. */
export interface Recutter {
  /** Facts of a device that may be new to it. Never rejects. */
  meet(device: Device): Promise<void>;
  /** When the present cut fits nowhere. A text: why no other does. */
  instead(request: ReplanRequest, devices: readonly SeatDevice[]): Promise<Planned | string>;
  /** Undefined: nothing better is known. */
  candidate(present: Present, devices: readonly SeatDevice[]): Candidate | undefined;
}
