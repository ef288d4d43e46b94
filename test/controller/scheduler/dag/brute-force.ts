/** Every order and every placement: the truth, for very small instances. Written without the code that it judges. */
import type { Instance } from '../../../../controller/scheduler/dag/instance.ts';

/** The shortest makespan. */
export function optimumByForce({ compute, edges, link }: Instance): number {
  const [tasks, processors] = [compute.length, compute[0]!.length];
  let best = Number.POSITIVE_INFINITY;
  const finish: (number | undefined)[] = new Array(tasks).fill(undefined);
  const place: number[] = new Array(tasks).fill(0);
  const walk = (free: readonly number[], left: number, end: number): void => {
    if (end >= best) return;
    if (left === 0) {
      best = end;
      return;
    }
    for (let task = 0; task < tasks; task += 1) {
      if (finish[task] !== undefined) continue;
      const inputs = edges.filter(([, to]) => to === task);
      if (inputs.some(([from]) => finish[from] === undefined)) continue;
      for (let p = 0; p < processors; p += 1) {
        let start = free[p]!;
        for (const [from, , data] of inputs) {
          const q = place[from]!;
          const way = p === q ? 0 : (link.latency === null ? 0 : link.latency[q]![p]!) + data / link.bandwidth[q]![p]!;
          start = Math.max(start, finish[from]! + way);
        }
        const ends = start + compute[task]![p]!;
        finish[task] = ends;
        place[task] = p;
        walk(
          free.map((time, each) => (each === p ? ends : time)),
          left - 1,
          Math.max(end, ends),
        );
        finish[task] = undefined;
      }
    }
  };
  walk(new Array(processors).fill(0), tasks, 0);
  return best;
}
