/**
 * Measurements: our types ↔ protobuf. A stage encodes what it measured; the agent, which knows who it is, completes the batch.
 */
import { MeasureBatch as WireBatch, type LinkBatch as WireLink } from '../proto/gen/mesh/v1/bus.ts';
import { MeshError } from './error.ts';
import type { LinkMeasures, MeasureBatch, Measures } from './measures.ts';
import { numberFromWire } from './wire-number.ts';
import { stageKeyFromWire, stageKeyToWire } from './wire-stage.ts';

/** Version 2 says for each transfer how long the route was occupied and the encoder worked. */
export const MEASURE_BATCH_VERSION = 2;

/** For the stage process: a MeasureBatch that lacks key, device and sequence. */
export function encodeMeasures(measures: Measures): Uint8Array {
  return WireBatch.encode(WireBatch.fromPartial(measuresToWire(measures))).finish();
}

/**
 * For the agent: adds what the stage does not know. Protobuf messages merge by concatenation and the last value of a field wins, so the
 * stage's bytes are neither parsed nor trusted for these fields.
 */
export function completeMeasures(measures: Uint8Array, owner: Pick<MeasureBatch, 'key' | 'device' | 'sequence'>): Uint8Array {
  const head = WireBatch.encode(
    WireBatch.fromPartial({
      version: MEASURE_BATCH_VERSION,
      key: stageKeyToWire(owner.key),
      device: owner.device,
      sequence: BigInt(owner.sequence),
    }),
  ).finish();
  return Buffer.concat([measures, head]);
}

export function measureBatchToWire(batch: MeasureBatch): WireBatch {
  return WireBatch.fromPartial({
    ...measuresToWire(batch),
    version: MEASURE_BATCH_VERSION,
    key: stageKeyToWire(batch.key),
    device: batch.device,
    sequence: BigInt(batch.sequence),
  });
}

function measuresToWire(measures: Measures): Partial<WireBatch> {
  return {
    frame: [...measures.frame],
    queueUs: measures.queueUs.map(microseconds),
    decodeUs: measures.decodeUs.map(microseconds),
    computeUs: measures.computeUs.map(microseconds),
    encodeUs: measures.encodeUs.map(microseconds),
    probeUs: measures.probeUs.map(microseconds),
    links: measures.links.map((link) => ({
      to: link.to,
      frame: [...link.frame],
      rawBytes: link.rawBytes.map(BigInt),
      wireBytes: link.wireBytes.map(BigInt),
      transferUs: link.transferUs.map(microseconds),
      occupiedUs: link.occupiedUs.map(microseconds),
      encodeUs: link.encodeUs.map(microseconds),
      codec: [...link.codec],
    })),
  };
}

/** A whole number of microseconds that fits 32 bits (71 minutes). */
function microseconds(value: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.round(value)));
}

/** Error `conflict` for a version that is not known, `invalid` when the arrays are not parallel or a field makes no sense. */
export function measureBatchFromWire(wire: WireBatch): MeasureBatch {
  if (wire.version !== MEASURE_BATCH_VERSION) {
    throw new MeshError(
      'conflict',
      `a MeasureBatch of version ${wire.version} can't be read: this program knows version ${MEASURE_BATCH_VERSION}`,
    );
  }
  const { frame, queueUs, decodeUs, computeUs, encodeUs, probeUs } = wire;
  checkParallel('measurements', frame, [queueUs, decodeUs, computeUs, encodeUs, ...(probeUs.length === 0 ? [] : [probeUs])]);
  return {
    key: stageKeyFromWire(wire.key),
    device: wire.device,
    sequence: numberFromWire(wire.sequence, 'sequence'),
    frame,
    queueUs,
    decodeUs,
    computeUs,
    encodeUs,
    probeUs,
    links: wire.links.map(linkFromWire),
  };
}

function linkFromWire(wire: WireLink): LinkMeasures {
  const { rawBytes, wireBytes, transferUs, occupiedUs, encodeUs, codec } = wire;
  checkParallel(`measurements of the route to ${wire.to}`, wire.frame, [rawBytes, wireBytes, transferUs, occupiedUs, encodeUs, codec]);
  return {
    to: wire.to,
    frame: wire.frame,
    rawBytes: rawBytes.map((value) => numberFromWire(value, 'raw_bytes')),
    wireBytes: wireBytes.map((value) => numberFromWire(value, 'wire_bytes')),
    transferUs,
    occupiedUs,
    encodeUs,
    codec,
  };
}

function checkParallel(what: string, first: readonly unknown[], others: readonly (readonly unknown[])[]): void {
  if (others.every((other) => other.length === first.length)) return;
  throw new MeshError(
    'invalid',
    `${what} of ${first.length} frames have columns of ${others.map((other) => other.length).join(', ')} entries`,
  );
}
