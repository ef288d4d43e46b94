/**
 * What a stage measured since it last reported: one entry per frame in parallel arrays, durations in microseconds by one clock each.
 */
import type { FrameId } from './frame.ts';
import type { StageKey } from './stage.ts';

export interface Measures {
  readonly frame: readonly FrameId[];
  /** All inputs decoded → the session takes the frame. */
  readonly queueUs: readonly number[];
  readonly decodeUs: readonly number[];
  /** Inside the session's run call. */
  readonly computeUs: readonly number[];
  /** All routes of the frame. */
  readonly encodeUs: readonly number[];
  /** An inference of the speed probe, by the last looks before that frame; 0: nobody looked. Empty: there is none. */
  readonly probeUs: readonly number[];
  readonly links: readonly LinkMeasures[];
}

/** One route out of the stage, measured at its producer. */
export interface LinkMeasures {
  readonly to: string;
  readonly frame: readonly FrameId[];
  readonly rawBytes: readonly number[];
  readonly wireBytes: readonly number[];
  /** First byte offered → the consumer's word that it has the frame. */
  readonly transferUs: readonly number[];
  /** The end of it in which no earlier frame was on this route. */
  readonly occupiedUs: readonly number[];
  readonly encodeUs: readonly number[];
  readonly codec: readonly string[];
}

export interface MeasureBatch extends Measures {
  readonly key: StageKey;
  readonly device: string;
  /** 0,1,2,… within a stage. */
  readonly sequence: number;
}
