/** What a person may look at while a run goes on, twice a second. For display only: sampling misses peaks, and the record has what counts. */
import pidusage from 'pidusage';
import type { BenchEvent } from '../../mesh/bench/event.ts';
import { type Clock, every } from '../../mesh/clock.ts';

const LIVE_MS = 500;

/** Until it is disposed of. */
export function liveView(processes: () => readonly number[], clock: Clock, tell: (event: BenchEvent) => void): Disposable {
  let over = false;
  const timer = every(clock, LIVE_MS, () => {
    const pids = processes();
    if (pids.length === 0) return;
    void sumOf(pids).then((sum) => {
      if (!over && sum !== undefined) tell({ kind: 'live', ...sum });
    });
  });
  return {
    [Symbol.dispose]: () => {
      over = true;
      timer.cancel();
      pidusage.clear();
    },
  };
}

/** Undefined when one has ended meanwhile, or what was read is no number. */
async function sumOf(pids: readonly number[]): Promise<Omit<Extract<BenchEvent, { kind: 'live' }>, 'kind'> | undefined> {
  const found = await pidusage([...pids], { maxage: 4 * LIVE_MS }).catch(() => ({}));
  const each = Object.values(found).filter((stat) => stat !== null);
  const cpuPercent = each.reduce((total, { cpu }) => total + cpu, 0);
  const memoryBytes = each.reduce((total, { memory }) => total + memory, 0);
  return each.length > 0 && Number.isFinite(cpuPercent) && Number.isSafeInteger(memoryBytes)
    ? { cpuPercent, memoryBytes, processes: each.length }
    : undefined;
}
