/** Boxes: a part of a tensor, an interval of each axis. A scalar has the box without axes. */
import { elementCount } from '../../mesh/tensor.ts';
import { hullOf, type Interval, intersectionOf, isSameInterval, lengthOf, wholeOf } from './interval.ts';

export type Box = readonly Interval[];

export function wholeBox(dims: readonly number[]): Box {
  return dims.map(wholeOf);
}

export function sizesOf(box: Box): readonly number[] {
  return box.map(lengthOf);
}

export function isSameBox(a: Box, b: Box): boolean {
  return a.length === b.length && a.every((interval, axis) => isSameInterval(interval, b[axis]!));
}

/** The smallest box that contains both. */
function hullOfBoxes(a: Box, b: Box): Box {
  return a.map((interval, axis) => hullOf(interval, b[axis]!));
}

/** Undefined when they have nothing in common. */
export function intersectionOfBoxes(a: Box, b: Box): Box | undefined {
  const common = a.map((interval, axis) => intersectionOf(interval, b[axis]!));
  return common.includes(undefined) ? undefined : (common as Box);
}

export function contains(outer: Box, inner: Box): boolean {
  const common = intersectionOfBoxes(outer, inner);
  return common !== undefined && isSameBox(common, inner);
}

/**
 * Puts a box into a list of boxes. Those that have elements in common, or together are a box without a gap, become one; what lies apart
 * (the queries, keys and values of one head in a projection to all three) stays apart.
 */
export function addBox(boxes: readonly Box[], box: Box): readonly Box[] {
  const near = boxes.find(
    (each) => intersectionOfBoxes(each, box) !== undefined || volume(hullOfBoxes(each, box)) === volume(each) + volume(box),
  );
  if (near === undefined) return [...boxes, box];
  return addBox(
    boxes.filter((each) => each !== near),
    hullOfBoxes(near, box),
  );
}

function volume(box: Box): number {
  return elementCount(sizesOf(box));
}

/** The box with other intervals on some axes. */
export function withAxes(box: Box, changes: Readonly<Record<number, Interval>>): Box {
  return box.map((interval, axis) => changes[axis] ?? interval);
}

/** As numpy writes it: `[:,0:64,:,:]`, without the last of each interval. */
export function formatBox(box: Box, whole: Box): string {
  const parts = box.map((interval, axis) => (isSameInterval(interval, whole[axis]!) ? ':' : `${interval.first}:${interval.last + 1}`));
  return `[${parts.join(',')}]`;
}

/**
 * The same elements under another shape with as many elements: Reshape, Flatten, Squeeze, Unsqueeze. Both orders are row-major, so a box is
 * one again when it is a run of consecutive elements in each group of axes that are merged or divided together. Where it isn't, both boxes
 * grow until they are.
 */
export function reshaped(box: Box, from: readonly number[], to: readonly number[]): { readonly from: Box; readonly to: Box } {
  const [grown, image]: [Interval[], Interval[]] = [[], []];
  for (const { a, b } of mergedGroups(from, to)) {
    const [aSizes, bSizes] = [from.slice(a[0], a[1]), to.slice(b[0], b[1])];
    let run = runOf(box.slice(a[0], a[1]), aSizes);
    for (;;) {
      const there = boxOfRun(run, bSizes);
      const back = boxOfRun(runOf(there, bSizes), aSizes);
      const larger = runOf(back, aSizes);
      if (isSameInterval(larger, runOf(there, bSizes))) {
        grown.push(...back);
        image.push(...there);
        break;
      }
      run = larger;
    }
  }
  return { from: grown, to: image };
}

interface AxisGroup {
  /** First axis, and the one after the last. */
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
}

/** The shortest runs of axes on both sides with equal products. */
function mergedGroups(from: readonly number[], to: readonly number[]): readonly AxisGroup[] {
  const groups: AxisGroup[] = [];
  let [a, b] = [0, 0];
  while (a < from.length || b < to.length) {
    const [aFirst, bFirst] = [a, b];
    let [left, right] = [a < from.length ? from[a++]! : 1, b < to.length ? to[b++]! : 1];
    while (left !== right) {
      if (left < right) left *= from[a++]!;
      else right *= to[b++]!;
    }
    groups.push({ a: [aFirst, a], b: [bFirst, b] });
  }
  return groups;
}

/** From the first to the last element of a box, in row-major order. */
function runOf(box: Box, sizes: readonly number[]): Interval {
  const at = (end: 'first' | 'last'): number => box.reduce((index, interval, axis) => index * sizes[axis]! + interval[end], 0);
  return { first: at('first'), last: at('last') };
}

/** The smallest box that contains a run of elements. */
function boxOfRun(run: Interval, sizes: readonly number[]): Box {
  const box: Interval[] = [];
  let { first, last } = run;
  for (let axis = 0; axis < sizes.length; axis += 1) {
    const inner = elementCount(sizes.slice(axis + 1));
    const interval = { first: Math.floor(first / inner), last: Math.floor(last / inner) };
    box.push(interval);
    if (interval.first < interval.last) return [...box, ...sizes.slice(axis + 1).map(wholeOf)];
    first -= interval.first * inner;
    last -= interval.last * inner;
  }
  return box;
}
