/** A row of a sweep as the order of a run: the limit that changes among those that stay. */
import type { BenchLimits, BenchOrder, WhenBusy, Workload } from '../../mesh/bench/order.ts';
import type { SweepRow, SweepSpec } from './sweep.ts';

const MIB = 2 ** 20;

export function rowOrder(
  sweep: string,
  { limit, limits, deadlineMs, besideStages }: Pick<SweepSpec, 'limit' | 'limits' | 'deadlineMs' | 'besideStages'>,
  { row, value, variant: { pageCache, swapBytes } }: SweepRow,
  workload: Workload,
  whenBusy: WhenBusy,
): BenchOrder {
  const changing: BenchLimits = limit === 'memory' ? { memoryLimitBytes: value * MIB } : { cpuQuotaCores: value };
  return {
    run: `${sweep}-${row}`,
    limits: { ...limits, ...changing, ...(swapBytes === undefined ? {} : { swapBytes }) },
    enforce: true,
    ...{ workload, pageCache, deadlineMs, whenBusy, besideStages },
  };
}
