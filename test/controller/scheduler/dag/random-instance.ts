/** Random instances of all shapes: several entries and exits, tasks and transfers without length, links that differ by direction, one processor. */
import fc from 'fast-check';
import { type Instance, parseInstance } from '../../../../controller/scheduler/dag/instance.ts';

/** `whole`: whole numbers only, so that sums do not depend on their order. */
export function instances(tasksMax: number, processorsMax: number, whole = true): fc.Arbitrary<Instance> {
  // Sevenths have no end in binary, and are not so small that they have no digits left.
  const time = whole ? fc.integer({ min: 0, max: 20 }) : fc.integer({ min: 0, max: 140 }).map((sevenths) => sevenths / 7);
  return fc
    .record({ tasks: fc.integer({ min: 1, max: tasksMax }), processors: fc.integer({ min: 1, max: processorsMax }) })
    .chain(({ tasks, processors }) =>
      fc.record({
        compute: fc.array(fc.array(time, { minLength: processors, maxLength: processors }), { minLength: tasks, maxLength: tasks }),
        edges: fc.array(fc.tuple(fc.nat(tasks - 1), fc.nat(tasks - 1), fc.integer({ min: 0, max: 30 })), { maxLength: 2 * tasks }),
        // Numbers of tasks must not tell in which order they run.
        shuffle: fc.shuffledSubarray([...new Array(tasks).keys()], { minLength: tasks, maxLength: tasks }),
        bandwidth: fc.array(fc.constantFrom(1, 2, 5), { minLength: processors ** 2, maxLength: processors ** 2 }),
        latency: fc.option(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: processors ** 2, maxLength: processors ** 2 })),
      }),
    )
    .map(({ compute, edges, shuffle, bandwidth, latency }) => {
      const square = <T>(value: (at: number) => T, diagonal: T): T[][] =>
        compute[0]!.map((_, p) => compute[0]!.map((__, q) => (p === q ? diagonal : value(p * compute[0]!.length + q))));
      const arcs = edges
        .filter(([a, b]) => a !== b)
        .map(([a, b, data]) => [shuffle[Math.min(a, b)]!, shuffle[Math.max(a, b)]!, whole ? data * 10 : data] as const);
      const link = {
        bandwidth: square<number | null>((at) => bandwidth[at]!, null),
        latency: latency === null ? null : square((at) => latency[at]!, 0),
      };
      return parseInstance(JSON.stringify({ compute, edges: arcs, link }), 'random');
    });
}
