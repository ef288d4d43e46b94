/**
 * Does it pay to encode a chunk before it is sent? Pure arithmetic on what was measured.
 *
 *     raw      ├──────────────── send raw ────────────────┤
 *     encoded  ├─ encode ─┼─ send less ─┼─ decode ─┤        pays when this one is shorter
 *
 * The steps are added although chunks overlap: on a small device one core does all of them, and a codec that only wins when nothing else
 * wants the CPU is not worth having.
 */

export interface PaysInput {
  readonly rawBytes: number;
  readonly encodedBytes: number;
  /** What encoding this chunk took, microseconds. */
  readonly encodeUs: number;
  /** What decoding it takes at the other end, microseconds. Absent: as long as encoding, which LZ4 never exceeds by much. */
  readonly decodeUs?: number;
  /** Speed of the link for raw bytes, bytes per second. */
  readonly linkBytesPerS: number;
}

/** How much shorter the encoded way must be; below that measurement noise decides, and the CPU has better things to do. */
const GAIN_MIN = 1.05;

/** False also when a number makes no sense (nothing measured yet). */
export function pays(input: PaysInput): boolean {
  const { rawBytes, encodedBytes, encodeUs, decodeUs = encodeUs, linkBytesPerS } = input;
  const rawUs = (rawBytes / linkBytesPerS) * 1e6;
  const encodedUs = encodeUs + (encodedBytes / linkBytesPerS) * 1e6 + decodeUs;
  return Number.isFinite(rawUs) && encodedUs >= 0 && encodedUs * GAIN_MIN < rawUs;
}
