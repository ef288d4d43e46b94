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
    // One that ends meanwhile fails the question, not the run.
    const asked = pidusage([...pids], { maxage: 4 * LIVE_MS }).catch(() => undefined);
    void asked.then((found) => {
      if (over || found === undefined) return;
      const each = Object.values(found).filter((stat) => stat !== null);
      const sum = (read: (stat: (typeof each)[number]) => number): number => each.reduce((total, stat) => total + read(stat), 0);
      tell({ kind: 'live', cpuPercent: sum(({ cpu }) => cpu), memoryBytes: sum(({ memory }) => memory), processes: each.length });
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
