/**
 * Bandwidth from how long frames of different sizes kept a link from others. The largest says most; where sizes differ, what is the same for
 * all of them (latency of frames that travel alone, handling) is taken off.
 */
export interface Occupation {
  readonly wireBytes: number;
  readonly us: number;
}

/** Sizes that differ by less say nothing about what is the same for all. */
const SPREAD_MIN = 1.5;
/** So much faster than the largest frame shows, at most: two noisy points make any slope. */
const FASTER_MAX = 4;

/** Bytes per microsecond; undefined when nothing was measured. */
export function linkSpeed(measured: readonly Occupation[]): number | undefined {
  const sorted = measured.filter(({ wireBytes, us }) => wireBytes > 0 && us > 0).sort((a, b) => a.wireBytes - b.wireBytes);
  const [small, large] = [sorted[0], sorted.at(-1)];
  if (small === undefined || large === undefined) return undefined;
  const plain = large.wireBytes / large.us;
  if (large.wireBytes < small.wireBytes * SPREAD_MIN || large.us <= small.us) return plain;
  const slope = (large.wireBytes - small.wireBytes) / (large.us - small.us);
  return Math.min(FASTER_MAX * plain, Math.max(plain, slope));
}
