/**
 * Where to cut a model to find out how long its parts take: a few segments of about the same work, at narrow places. What is measured of them says
 * how long all other stages take, until they are measured themselves.
 */

import { STAGE_PROCESS_BYTES } from '../../mesh/stage-memory.ts';
import { prefixCuts } from '../../partition/cuts/crossing.ts';
import { layerFlow } from '../../partition/cuts/layer-flow.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { layerTimes } from './device-speed.ts';

/** The layers of each segment, in order. At most `count` segments, each with at least one layer. */
export function profileCuts(layered: LayeredGraph, count: number): readonly (readonly number[])[] {
  const layers = layered.layers.length;
  const told = layerTimes(layered, undefined, []);
  const total = told.reduce((sum, ms) => sum + ms, 0);
  const cuts = prefixCuts(layerFlow(layered));
  /** By part of the work: the layer after which least crosses. */
  const best = new Map<number, { readonly layer: number; readonly bytes: number }>();
  let done = 0;
  for (let layer = 1; layer < layers; layer += 1) {
    done += told[layer]!;
    const { bytes } = cuts[layer - 1]!;
    if (bytes === undefined) continue;
    const part = Math.round((done / total) * count);
    // Not at the very ends: the first and the last part would have next to nothing.
    if (part === 0 || part >= count) continue;
    if (bytes < (best.get(part)?.bytes ?? Number.POSITIVE_INFINITY)) best.set(part, { layer, bytes });
  }
  const ends = [...new Set([...best.values()].map(({ layer }) => layer))].sort((a, b) => a - b);
  return [...ends, layers].map((end, index) =>
    Array.from({ length: end - (ends[index - 1] ?? 0) }, (_, at) => (ends[index - 1] ?? 0) + at + 1),
  );
}

/**
 * As many segments, or fewer: each device has room for its part of them, whichever part that is (see rotations.ts). Undefined when no number of them
 * is small enough. `memoryBytes`: of each device.
 */
export function roomyProfileCuts(
  layered: LayeredGraph,
  count: number,
  memoryBytes: readonly number[],
): readonly (readonly number[])[] | undefined {
  for (let fewer = count; fewer > 0; fewer -= 1) {
    const segments = profileCuts(layered, fewer);
    const sizes = segments.map((layers) =>
      layers.reduce((sum, layer) => sum + layered.layers[layer - 1]!.weightBytes, STAGE_PROCESS_BYTES),
    );
    const parts = memoryBytes.map((_, part) => sizes.filter((_size, segment) => segment % memoryBytes.length === part));
    const most = Math.max(...parts.map((part) => part.reduce((sum, size) => sum + size, 0)));
    if (memoryBytes.every((room) => most <= room)) return segments;
  }
  return undefined;
}
