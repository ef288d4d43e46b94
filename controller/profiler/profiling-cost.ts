/**
 * What the runtime's own profiler adds to the time of each kernel it tells: 5 µs with one thread, 10 µs with two, where the kernels of a small model take 7 µs
 * each. Known from models that were timed as a whole, too, without it:
 *
 *     ms of the whole = ratio · (Σ kernels − n · cost) + io · bytes + call        n: kernels
 */
import type { TimedKernel } from '../../mesh/kernel.ts';
import { robustRelativeFit } from './non-negative.ts';

export interface ProfiledWhole {
  readonly kernels: readonly TimedKernel[];
  /** Without the profiler, and as if no quota had stopped it. */
  readonly ms: number;
  /** Of inputs and outputs. */
  readonly bytes: number;
}

/** Fewer say too little. */
const WHOLES_MIN = 10;

/** Microseconds of each kernel; 0: nobody knows. */
export function profilingUs(wholes: readonly ProfiledWhole[]): number {
  if (wholes.length < WHOLES_MIN) return 0;
  const rows = wholes.map(({ kernels, ms, bytes }) => ({
    columns: [kernels.reduce((sum, { us }) => sum + us, 0) / 1000, 1, bytes, -kernels.length],
    target: ms,
  }));
  const [ratio = 0, , , perKernel = 0] = robustRelativeFit(rows) ?? [];
  return ratio === 0 ? 0 : (1000 * perKernel) / ratio;
}
