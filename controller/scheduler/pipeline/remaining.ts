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

const ASCENT_STEPS = 60;

export class Remaining {
  readonly #costs: Costs;
  readonly #objective: Objective;
  readonly #known = new Map<number, Float64Array>();

  constructor(costs: Costs, objective: Objective) {
    this.#costs = costs;
    this.#objective = objective;
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
    const { workload, devices, sets } = lattice;
    const free = Array.from({ length: devices }, (_, device) => device).filter((device) => (mask >>> device) & 1);
    if (free.length === 0) return Float64Array.from(sets, (_, set) => (set === lattice.last ? 0 : Number.POSITIVE_INFINITY));
    const count = workload.flow.count;
    const prices = Float64Array.from({ length: count * free.length }, (_, at) => {
      const device = free[at % free.length]!;
      return this.#objective.layer(this.#costs, workload.compute[Math.floor(at / free.length) + 1]![device]!, device);
    });
    const tasks = Array.from({ length: count }, (_, layer) => layer);
    const weights = this.#objective.additive
      ? new Float64Array(free.length).fill(1)
      : areaWeights({ processors: free.length, compute: prices }, tasks, ASCENT_STEPS).weights;
    /** By layer number. */
    const least = [0, ...tasks].map((_, layer) =>
      layer === 0
        ? 0
        : weights.reduce(
            (low, weight, index) => Math.min(low, weight * prices[(layer - 1) * free.length + index]!),
            Number.POSITIVE_INFINITY,
          ),
    );
    // Measured segments may be faster than the sum of their layers.
    const scale = lattice.measuredShare;
    const total = lattice.sum(lattice.last, least);
    return Float64Array.from(sets, (_, set) => Math.max(0, total - lattice.sum(set, least)) * scale);
  }
}
