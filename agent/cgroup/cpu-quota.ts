/**
 * A quota in cores → what the kernel wants: at most `quotaUs` of CPU time in every period.
 *
 * The period is 10 ms: with the kernel's 100 ms default a task that has used up its share stands still for most of a tenth of a second,
 * which shows as latency. The kernel takes no quota below 1 ms, so tiny shares get a longer period.
 *
 * It is the usual 100 ms while stages on the device have weights: at each throttle the kernel forgets who is owed time. Two busy groups of
 * weights 1 and 3 below half a core got 1 : 1.1 to 1.6 of it at 10 ms, 1 : 2.2 at 50 ms and 1 : 2.5 to 2.75 at 100 ms (Linux 6.18).
 */
import { MeshError } from '../../mesh/error.ts';

const PERIOD_US = 10_000;
const PERIOD_WEIGHED_US = 100_000;
const QUOTA_US_MIN = 1_000;
const PERIOD_US_MAX = 1_000_000;

/** The smallest quota that can be enforced, cores. */
export const CPU_QUOTA_CORES_MIN = QUOTA_US_MIN / PERIOD_US_MAX;

/** `weighed`: groups below are to share it as their weights say. Error `invalid` for a quota that can't be enforced. */
export function cpuBandwidth(quotaCores: number, weighed = false): { readonly quotaUs: number; readonly periodUs: number } {
  if (!(quotaCores >= CPU_QUOTA_CORES_MIN) || !Number.isFinite(quotaCores)) {
    throw new MeshError('invalid', `a CPU quota of ${quotaCores} cores can't be enforced: expected ${CPU_QUOTA_CORES_MIN} or more`);
  }
  const periodUs = Math.max(PERIOD_US, Math.ceil(QUOTA_US_MIN / quotaCores));
  const quotaUs = Math.max(QUOTA_US_MIN, Math.round(quotaCores * periodUs));
  // A multiple of both, so that it is the same share to the last digit: v1 refuses a group the thousandth part of a percent more than the one above has.
  const times = weighed ? Math.ceil(PERIOD_WEIGHED_US / periodUs) : 1;
  return { quotaUs: quotaUs * times, periodUs: periodUs * times };
}
