/**
 * How the frames of a route travel: frame id modulo length picks a codec of the cycle.
 *
 *     [int8]                        every frame
 *     [int8, int8, …, blosc2]       now and then one without loss, to compare with
 *     [none, lz4, blosc2]           in turns, to measure them
 *
 * Each chunk names the codec it was encoded with, so only the producer has to know the cycle, and it may change between two frames.
 */
import { type Codec, NO_CODEC } from './codec.ts';
import { MeshError } from './error.ts';
import type { FrameId } from './frame.ts';

export type CodecCycle = readonly string[];

/** More would be a schedule, and cost memory. */
export const CODEC_CYCLE_MAX = 1024;

export function codecAt(cycle: CodecCycle, id: FrameId): string {
  return cycle[Number(id % BigInt(cycle.length))]!;
}

/** Errors: `invalid` when it is empty or too long, `unsupported` when a codec is not known here. */
export function checkCodecCycle(cycle: CodecCycle, known: ReadonlyMap<string, Codec>): void {
  if (cycle.length === 0 || cycle.length > CODEC_CYCLE_MAX) {
    throw new MeshError('invalid', `a route's cycle of codecs has ${cycle.length}; expected 1 to ${CODEC_CYCLE_MAX}`);
  }
  const unknown = cycle.find((name) => name !== NO_CODEC && !known.has(name));
  if (unknown === undefined) return;
  throw new MeshError('unsupported', `codec "${unknown}" is not known here; known are ${[NO_CODEC, ...known.keys()].join(', ')}`, {
    hint: 'install the same release of splitmesh on the controller and on every device',
  });
}
