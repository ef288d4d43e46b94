/**
 * What the layers outside a closed set cost at least, on the devices that are left.
 *
 *     sum       each layer where it is cheapest
 *     largest   however the layers (or parts of their frames) are divided, some device is busy so long: the fractional assignment,
 *               bounded by weights w of devices, Σ w = 1:  Σ over layers of  min over devices of  w × time
 */
import { areaWeights } from '../dag/bounds.ts';
import type { Costs } from './costs.ts';
import type { Objective } from './objective.ts';

const ASCENT_STEPS = 40;

/** What each layer adds to the bound, whatever the closed sets are. */
export class LayerBounds {
  readonly #costs: Costs;
  readonly #objective: Objective;
  readonly #known = new Map<number, readonly number[]>();

  constructor(costs: Costs, objective: Objective) {
    this.#costs = costs;
    this.#objective = objective;
  }

  /** By layer number. `mask`: the devices that are left, at least one. */
  on(mask: number): readonly number[] {
    const known = this.#known.get(mask);
    if (known !== undefined) return known;
    const bounds = this.#compute(mask);
    this.#known.set(mask, bounds);
    return bounds;
  }

  #compute(mask: number): readonly number[] {
    const { workload, devices } = this.#costs.lattice;
    const free = Array.from({ length: devices }, (_, device) => device).filter((device) => (mask >>> device) & 1);
    const { count } = workload.flow;
    const prices = Float64Array.from({ length: count * free.length }, (_, at) => {
      const device = free[at % free.length]!;
      return this.#objective.layer(this.#costs, workload.compute[Math.floor(at / free.length) + 1]![device]!, device);
    });
    const tasks = Array.from({ length: count }, (_, layer) => layer);
    const weights = this.#objective.additive
      ? new Float64Array(free.length).fill(1)
      : areaWeights({ processors: free.length, compute: prices }, tasks, ASCENT_STEPS).weights;
    const bounds = [0];
    for (const layer of tasks) {
      let least = Number.POSITIVE_INFINITY;
      for (let index = 0; index < free.length; index += 1) least = Math.min(least, weights[index]! * prices[layer * free.length + index]!);
      bounds.push(least);
    }
    return bounds;
  }
}

export class Remaining {
  readonly #costs: Costs;
  readonly #bounds: LayerBounds;
  readonly #known = new Map<number, Float64Array>();

  constructor(costs: Costs, bounds: LayerBounds) {
    this.#costs = costs;
    this.#bounds = bounds;
  }

  /** [set]: at least so much for all layers outside it. `mask`: the devices that are left; infinite when there are none. */
  on(mask: number): Float64Array {
    const known = this.#known.get(mask);
    if (known !== undefined) return known;
    const bound = this.#compute(mask);
    this.#known.set(mask, bound);
    return bound;
  }

  #compute(mask: number): Float64Array {
    const { lattice } = this.#costs;
    if (mask === 0) return Float64Array.from(lattice.sets, (_, set) => (set === lattice.last ? 0 : Number.POSITIVE_INFINITY));
    const each = this.#bounds.on(mask);
    const total = lattice.sum(lattice.last, each);
    // Measured segments may be faster than the sum of their layers.
    return Float64Array.from(lattice.sets, (_, set) => Math.max(0, total - lattice.sum(set, each)) * lattice.measuredShare);
  }
}
