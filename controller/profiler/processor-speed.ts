/**
 * How fast a processor is at the moment, against what is usual for it. Another guest on the same core, or heat, make the same model take up to 1.7 times as
 * long a minute later; a small convolution that is timed just before (the probe) takes as much longer.
 *
 *     measured ── × usual probe ÷ probe then ──▶ as usual ──▶ learned         predicted as usual ── × probe now ÷ usual probe ──▶ predicted for now
 *
 * Probes are compared on one device only: on another, how long a convolution takes says little of other models. A device that is no reference has no usual
 * probe, and is predicted without.
 */
import { median } from '../../mesh/ranked.ts';
import type { Sample } from './sample.ts';

/** Milliseconds: the median. Of samples of one device. Undefined: it was never probed. */
export function usualProbe(samples: readonly Pick<Sample, 'state'>[]): number | undefined {
  const probes = samples.flatMap(({ state: { probeMs } }) => (probeMs === undefined ? [] : [probeMs]));
  return probes.length === 0 ? undefined : median(probes);
}

/** So many times as long as usual does everything take now. 1 when either is not known. */
export function slowdown(usualMs: number | undefined, nowMs: number | undefined): number {
  return usualMs === undefined || nowMs === undefined ? 1 : nowMs / usualMs;
}
