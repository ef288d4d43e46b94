/** Random instances that are hard in a way: many ties, or nothing that decides. */
import fc from 'fast-check';
import { type Instance, parseInstance } from '../../../../controller/scheduler/dag/instance.ts';

/** Few different numbers: equal tasks, processors that are alike, tasks and transfers without length, many ties. */
export function alike(tasksMax: number, processorsMax: number): fc.Arbitrary<Instance> {
  return fc
    .record({ tasks: fc.integer({ min: 1, max: tasksMax }), processors: fc.integer({ min: 1, max: processorsMax }) })
    .chain(({ tasks, processors }) =>
      fc.record({
        times: fc.array(fc.constantFrom(0, 1, 1, 3), { minLength: tasks, maxLength: tasks }),
        speeds: fc.array(fc.constantFrom(1, 1, 2), { minLength: processors, maxLength: processors }),
        edges: fc.array(fc.tuple(fc.nat(tasks - 1), fc.nat(tasks - 1), fc.constantFrom(0, 1, 2, 6)), { maxLength: 2 * tasks }),
      }),
    )
    .map(({ times, speeds, edges }) =>
      parseInstance(
        JSON.stringify({
          compute: times.map((time) => speeds.map((speed) => time * speed)),
          edges: edges.filter(([a, b]) => a !== b).map(([a, b, data]) => [Math.min(a, b), Math.max(a, b), data]),
          link: { bandwidth: speeds.map((_, p) => speeds.map((__, q) => (p === q ? null : 1))), latency: null },
        }),
        'alike',
      ),
    );
}

/** As much to hand over as to do, and more ready tasks than processors: whoever wants a proof has to search. */
export const busy = (tasksMin: number, tasksMax: number): fc.Arbitrary<Instance> =>
  fc
    .record({ tasks: fc.integer({ min: tasksMin, max: tasksMax }), processors: fc.integer({ min: 2, max: 4 }) })
    .chain(({ tasks, processors }) =>
      fc.record({
        compute: fc.array(fc.array(fc.integer({ min: 20, max: 99 }), { minLength: processors, maxLength: processors }), {
          minLength: tasks,
          maxLength: tasks,
        }),
        edges: fc.array(fc.tuple(fc.nat(tasks - 1), fc.nat(tasks - 1), fc.nat(60)), { minLength: tasks >> 1, maxLength: tasks }),
      }),
    )
    .map(({ compute, edges }) =>
      parseInstance(
        JSON.stringify({
          compute,
          edges: edges.filter(([a, b]) => a !== b).map(([a, b, data]) => [Math.min(a, b), Math.max(a, b), data]),
          link: { bandwidth: compute[0]!.map((_, p) => compute[0]!.map((__, q) => (p === q ? null : 1))), latency: null },
        }),
        'busy',
      ),
    );
