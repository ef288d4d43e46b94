/** Random instances that say more than times and links: releases, memory that is known to suffice, contention, power, deadlines. */
import fc from 'fast-check';
import type { Instance } from '../../../../controller/scheduler/dag/instance.ts';
import { parseInstance } from '../../../../controller/scheduler/dag/instance.ts';
import type { Contention } from '../../../../controller/scheduler/dag/world.ts';
import { instances } from './random-instance.ts';

/** Each field is there or not. `contention`: which kinds there are. */
export function worlds(
  tasksMax: number,
  processorsMax: number,
  kinds: readonly Contention[] = ['none', 'link', 'interface'],
): fc.Arbitrary<Instance> {
  return instances(tasksMax, processorsMax).chain((instance) => {
    const [tasks, processors] = [instance.compute.length, instance.compute[0]!.length];
    const of = (length: number, max: number): fc.Arbitrary<number[]> =>
      fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length });
    return fc
      .record({
        release: fc.option(of(tasks, 30)),
        memory: fc.option(
          fc.record({ need: of(tasks, 9), place: of(tasks, processors - 1), spare: of(processors, 4), free: of(processors, 3) }),
        ),
        power: fc.option(fc.record({ busy: of(processors, 9), idle: of(processors, 3) })),
        radio: fc.option(fc.record({ send: of(processors, 2), receive: of(processors, 2) })),
        deadline: fc.option(of(tasks, 120)),
        contention: fc.constantFrom(...kinds),
      })
      .map(({ release, memory, power, radio, deadline, contention }) =>
        parseInstance(
          JSON.stringify({
            ...instance,
            contention,
            ...(release === null ? {} : { release }),
            ...(memory === null ? {} : memoryFields(memory)),
            ...(power === null ? {} : { power }),
            ...(radio === null ? {} : { radio }),
            // A third of the tasks has none.
            ...(deadline === null
              ? {}
              : { deadline: deadline.map((each, task) => (each % 3 === 0 ? null : (release?.[task] ?? 0) + each)) }),
          }),
          'world',
        ),
      );
  });
}

interface Packed {
  readonly need: readonly number[];
  readonly place: readonly number[];
  readonly spare: readonly number[];
  readonly free: readonly number[];
}

/** One placement fits, with little to spare; one processor in four has no limit. */
function memoryFields({ need, place, spare, free }: Packed): {
  readonly memory: readonly number[];
  readonly capacity: readonly (number | null)[];
} {
  const capacity = spare.map((more, p) =>
    free[p] === 0 ? null : need.reduce((sum, each, task) => sum + (place[task] === p ? each : 0), more),
  );
  return { memory: need, capacity };
}
