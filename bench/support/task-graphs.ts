/**
 * Task graphs of the shapes that scheduling papers try, seeded: what the exact search is measured on.
 *
 *     inTree ⋎   outTree ⋏   forkJoin ⋏⋎   fft (Cooley–Tukey)   gauss (elimination)   layered   residual   inception   seriesParallel
 *
 * Times follow Topcuoglu et al. 2002: a task has a mean, and on each processor between half and one and a half of it (heterogeneity 1); data are
 * random, and in the mean `ccr` times the mean time, at bandwidth 1.
 */
import type { Instance } from '../../controller/scheduler/dag/instance.ts';
import { Random } from '../../mesh/random.ts';

type Arcs = [from: number, to: number][];
type Shape = (size: number, random: Random) => { readonly tasks: number; readonly arcs: Arcs };

/** By name; `size` is about the number of tasks. */
export const shapes: Readonly<Record<string, Shape>> = {
  outTree: (size) => ({ tasks: size, arcs: range(1, size).map((task) => [(task - 1) >> 1, task]) }),
  inTree: (size) => ({ tasks: size, arcs: range(1, size).map((task) => [size - 1 - task, size - 1 - ((task - 1) >> 1)]) }),
  randomOutTree: (size, random) => ({ tasks: size, arcs: range(1, size).map((task) => [random.below(task), task]) }),
  forkJoin: (size) => {
    const chains = (size - 2) >> 1;
    const end = 2 * chains + 1;
    return {
      tasks: end + 1,
      arcs: range(0, chains).flatMap((chain): Arcs => {
        const first = 1 + 2 * chain;
        return [
          [0, first],
          [first, first + 1],
          [first + 1, end],
        ];
      }),
    };
  },
  fft: (size) => fft(size),
  gauss: (size) => gauss(size),
  layered: (size, random) => layered(size, random),
  residual: (size, random) => residual(size, random),
  inception: (size, random) => inception(size, random),
  seriesParallel: (size, random) => seriesParallel(size, random),
};

/** Uniform links of bandwidth 1; all numbers whole. */
export function taskGraph(shape: string, size: number, processors: number, ccr: number, seed: number): Instance {
  const random = new Random(seed);
  const { tasks, arcs } = shapes[shape]!(size, random);
  const means = range(0, tasks).map(() => 20 + random.below(400));
  const mean = means.reduce((sum, each) => sum + each, 0) / tasks;
  return {
    id: `${shape}-${tasks}-p${processors}-ccr${ccr}-${seed}`,
    compute: means.map((each) => range(0, processors).map(() => Math.round(each * (0.5 + random.next())))),
    edges: arcs.map(([from, to]) => [from, to, Math.round(2 * ccr * mean * random.next())] as const),
    link: {
      bandwidth: range(0, processors).map((p) => range(0, processors).map((q) => (p === q ? null : 1))),
      latency: null,
    },
  };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
}

/** A binary tree of calls, then log2 of the points rows of butterflies, then one task that waits for all. */
function fft(size: number): ReturnType<Shape> {
  let points = 2;
  while (4 * points - 1 + 2 * points * Math.log2(2 * points) + 1 <= size) points *= 2;
  const arcs: Arcs = range(1, 2 * points - 1).map((task) => [(task - 1) >> 1, task]);
  let before = points - 1;
  for (let span = 1; span < points; span *= 2) {
    const row = before + points;
    for (let at = 0; at < points; at += 1) arcs.push([before + at, row + at], [before + (at ^ span), row + at]);
    before = row;
  }
  for (let at = 0; at < points; at += 1) arcs.push([before + at, before + points]);
  return { tasks: before + points + 1, arcs };
}

/** Pivot k, then the updates of the columns behind it; each waits for its column's update of the step before. */
function gauss(size: number): ReturnType<Shape> {
  let rows = 2;
  while (((rows + 1) ** 2 + rows + 1 - 2) / 2 <= size) rows += 1;
  const arcs: Arcs = [];
  let previous: number[] = [];
  let task = 0;
  for (let k = 1; k < rows; k += 1) {
    const pivot = task;
    task += 1;
    if (previous.length > 0) arcs.push([previous[0]!, pivot]);
    const updates = range(0, rows - k).map((column) => {
      const update = task + column;
      arcs.push([pivot, update]);
      if (previous.length > 0) arcs.push([previous[column + 1]!, update]);
      return update;
    });
    task += updates.length;
    previous = updates;
  }
  return { tasks: task, arcs };
}

/** Layers of two to seven tasks, each with one to three inputs from the layer before. */
function layered(size: number, random: Random): ReturnType<Shape> {
  const arcs: Arcs = [];
  let before: number[] = [];
  for (let task = 0; task < size; ) {
    const layer = range(task, Math.min(size, task + 2 + random.below(6)));
    for (const to of layer) {
      const sources = new Set(range(0, before.length === 0 ? 0 : 1 + random.below(3)).map(() => before[random.below(before.length)]!));
      for (const from of sources) arcs.push([from, to]);
    }
    before = layer;
    task += layer.length;
  }
  return { tasks: size, arcs };
}

/** Blocks of two or three tasks in a row with a way around them; on every third way there is a task too. */
function residual(size: number, random: Random): ReturnType<Shape> {
  const arcs: Arcs = [];
  let last = 0;
  while (last + 4 < size) {
    const inside = 2 + random.below(2);
    const end = last + inside + 1 + (random.below(3) === 0 ? 1 : 0);
    for (let task = last; task < last + inside; task += 1) arcs.push([task, task + 1]);
    arcs.push([last + inside, end]);
    if (end === last + inside + 1) arcs.push([last, end]);
    else arcs.push([last, end - 1], [end - 1, end]);
    last = end;
  }
  return { tasks: last + 1, arcs };
}

/** Modules of four branches of one or two tasks between a task that splits and one that joins. */
function inception(size: number, random: Random): ReturnType<Shape> {
  const arcs: Arcs = [];
  let last = 0;
  while (last + 7 < size) {
    let task = last + 1;
    const ends = range(0, 4).map(() => {
      const first = task;
      arcs.push([last, first]);
      task += 1;
      if (random.below(3) === 0) return first;
      arcs.push([first, task]);
      task += 1;
      return task - 1;
    });
    for (const end of ends) arcs.push([end, task]);
    last = task;
  }
  return { tasks: last + 1, arcs };
}

/** Edges are replaced, at random, by two in a row or by two side by side. */
function seriesParallel(size: number, random: Random): ReturnType<Shape> {
  const arcs: Arcs = [[0, 1]];
  let tasks = 2;
  while (tasks < size) {
    const at = random.below(arcs.length);
    const [from, to] = arcs[at]!;
    if (random.below(2) === 0) arcs.splice(at, 1, [from, tasks], [tasks, to]);
    else arcs.push([from, tasks], [tasks, to]);
    tasks += 1;
  }
  // Several edges between the same tasks carry nothing new.
  const single = new Map(arcs.map((arc) => [arc.join(), arc]));
  return { tasks, arcs: [...single.values()] };
}
