/** Of two limits of the same thing the one that is reached first; one that only one of them has, holds. */
import { optional } from '../../mesh/wire-number.ts';
import type { CgroupLimits } from './hierarchy.ts';

export function tighter(a: CgroupLimits, b: CgroupLimits): CgroupLimits {
  return {
    ...optional('cpuQuotaCores', minimum(a.cpuQuotaCores, b.cpuQuotaCores)),
    ...optional('memoryLimitBytes', minimum(a.memoryLimitBytes, b.memoryLimitBytes)),
  };
}

function minimum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
