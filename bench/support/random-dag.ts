/** Layered random task graphs, seeded: what schedulers are timed on. */
import type { Instance } from '../../controller/scheduler/dag/instance.ts';
import { Random } from '../../mesh/random.ts';

/** Layers of about ten tasks, two or three inputs each from the layer before; unlike processors, uniform links, as much data as work. */
export function layeredInstance(tasks: number, processors: number, seed: number): Instance {
  const random = new Random(seed);
  const edges: [number, number, number][] = [];
  const width = 10;
  for (let task = width; task < tasks; task += 1) {
    const before = (Math.floor(task / width) - 1) * width;
    const sources = new Set(Array.from({ length: 2 + random.below(2) }, () => before + random.below(width)));
    for (const source of sources) edges.push([source, task, 1 + random.below(100)]);
  }
  return {
    id: `layered-${tasks}-${processors}`,
    compute: Array.from({ length: tasks }, () => {
      const base = 1 + random.below(100);
      return Array.from({ length: processors }, () => Math.max(1, Math.round(base * (0.5 + random.next()))));
    }),
    edges,
    link: {
      bandwidth: Array.from({ length: processors }, (_, p) => Array.from({ length: processors }, (__, q) => (p === q ? null : 1))),
      latency: null,
    },
  };
}
