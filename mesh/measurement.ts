/**
 * What was measured of one frame at one place. A duration comes from one clock, that of the device named with it; none is the difference
 * of two hosts' clocks.
 *
 *     source ──▶ stage ──▶ stage ──▶ sink
 *       FrameMeasurement: there and back, by the controller's clock (source and sink are the same process)
 *       StageMeasurement: waiting, decoding, computing, encoding, by the stage's clock
 *       LinkMeasurement:  offered → confirmed, by the producer's clock
 */
import type { FrameId } from './frame.ts';
import type { MeasureBatch } from './measures.ts';
import { optional } from './wire-number.ts';

export interface FrameMeasurement {
  readonly frame: FrameId;
  /** Of the frame in the input, where some may be dropped. Absent: the same number. */
  readonly index?: number;
  /** When its latency begins, milliseconds since the run's first frame: it was sent (closed loop) or due (open loop). */
  readonly startMs: number;
  /** Until all its outputs had arrived at the sink. */
  readonly latencyMs: number;
}

export interface StageMeasurement {
  readonly stage: string;
  readonly device: string;
  readonly frame: FrameId;
  /** All inputs decoded → the session takes the frame. */
  readonly queueUs: number;
  readonly decodeUs: number;
  /** Inside the session's run call. */
  readonly computeUs: number;
  /** All routes of the frame. */
  readonly encodeUs: number;
  /** How fast the processor was: an inference of the speed probe, by the last looks before. Absent: nobody looked. */
  readonly probeUs?: number;
}

export interface LinkMeasurement {
  /** Stage id, or `source`. */
  readonly from: string;
  /** Stage id, or `sink`. */
  readonly to: string;
  readonly frame: FrameId;
  readonly rawBytes: number;
  readonly wireBytes: number;
  /** First byte offered → the consumer's word that it has the frame. */
  readonly transferUs: number;
  /** The end of it in which no earlier frame was on this route: since this one was offered, or the one before was confirmed. */
  readonly occupiedUs: number;
  readonly encodeUs: number;
  /** What was asked for; `int8+blosc2` when chunks fell back. */
  readonly codec: string;
}

/** The columns of a batch as one entry per frame. */
export function stageMeasurementsOf(batch: MeasureBatch): StageMeasurement[] {
  return batch.frame.map((frame, index) => ({
    stage: batch.key.stage,
    device: batch.device,
    frame,
    queueUs: batch.queueUs[index]!,
    decodeUs: batch.decodeUs[index]!,
    computeUs: batch.computeUs[index]!,
    encodeUs: batch.encodeUs[index]!,
    ...optional('probeUs', batch.probeUs[index] || undefined),
  }));
}

export function linkMeasurementsOf(batch: MeasureBatch): LinkMeasurement[] {
  return batch.links.flatMap((link) =>
    link.frame.map((frame, index) => ({
      from: batch.key.stage,
      to: link.to,
      frame,
      rawBytes: link.rawBytes[index]!,
      wireBytes: link.wireBytes[index]!,
      transferUs: link.transferUs[index]!,
      occupiedUs: link.occupiedUs[index]!,
      encodeUs: link.encodeUs[index]!,
      codec: link.codec[index]!,
    })),
  );
}
