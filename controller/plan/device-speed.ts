/**
 * How long each layer takes on a device: from what was measured of stages there, from what the profiler foretells, or from what the device is said to do.
 *
 *     measured   1-8: 12.5 ms        a layer gets its part of the smallest stage it was measured in, by its estimated work
 *     foretold   by the profiler, from its kernels: as it is, or as much slower as the measured stages turned out to be
 *     told       macs ÷ rate, or bytes moved ÷ memory bandwidth, the larger of the two, + a little for each layer
 *                (the roofline model: Williams, Waterman, Patterson, CACM 52(4), 2009)
 */
import { type LayerSet, layersIn } from '../../partition/cuts/layer-flow.ts';
import type { Layer, LayeredGraph } from '../../partition/layers.ts';
import { bytesOf } from '../../partition/tensor-bytes.ts';

export interface Rates {
  /** 10⁹ multiply-accumulates per second. */
  readonly gmacPerS: number;
  /** Of its memory, 10⁹ bytes per second. */
  readonly memoryGBPerS: number;
  /** Spent on each layer whatever its size. */
  readonly layerMs: number;
}

export interface MeasuredSegment {
  readonly layers: LayerSet;
  readonly ms: number;
}

/** What a small computer does, more or less: only the proportions between layers matter where something was measured. */
export const TYPICAL: Rates = { gmacPerS: 5, memoryGBPerS: 5, layerMs: 0.01 };

/** Milliseconds by layer number; entry 0 is unused. `rates`: what to go by where nothing was measured. `foretold`: the same, and better. */
export function layerTimes(
  layered: LayeredGraph,
  rates: Rates | undefined,
  segments: readonly MeasuredSegment[],
  foretold?: readonly number[],
): readonly number[] {
  const told = foretold ?? [0, ...layered.layers.map((layer) => roofline(layered, layer, rates ?? TYPICAL))];
  const smallest = new Map<number, { readonly ms: number; readonly told: number; readonly size: number }>();
  for (const { layers, ms } of segments) {
    const members = layersIn(layers);
    const sum = members.reduce((total, layer) => total + told[layer]!, 0);
    for (const layer of members) {
      if (members.length < (smallest.get(layer)?.size ?? Number.POSITIVE_INFINITY))
        smallest.set(layer, { ms, told: sum, size: members.length });
    }
  }
  // Layers that would take no time at all share what was measured of them.
  const part = (layer: number, { told: sum, size }: { readonly told: number; readonly size: number }): number =>
    sum > 0 ? told[layer]! / sum : 1 / size;
  const known = [...smallest].map(([layer, segment]): [number, number] => [layer, part(layer, segment) * segment.ms]);
  const times = told.slice();
  for (const [layer, ms] of known) times[layer] = ms;
  if ((rates !== undefined && foretold === undefined) || known.length === 0) return times;
  // Nobody said how fast it is, or it turned out otherwise: layers never measured are as slow, for their work, as the measured ones.
  const toldOfKnown = known.reduce((sum, [layer]) => sum + told[layer]!, 0);
  const scale = toldOfKnown === 0 ? 1 : known.reduce((sum, [, ms]) => sum + ms, 0) / toldOfKnown;
  return times.map((ms, layer) => (smallest.has(layer) ? ms : ms * scale));
}

function roofline({ facts }: LayeredGraph, { macs, weightBytes, outputs }: Layer, { gmacPerS, memoryGBPerS, layerMs }: Rates): number {
  const moved = weightBytes + outputs.reduce((sum, name) => sum + (bytesOf(name, facts) ?? 0), 0);
  return Math.max((macs ?? 0) / (gmacPerS * 1e6), moved / (memoryGBPerS * 1e6)) + layerMs;
}
