/**
 * The exact planner: a dynamic program over the closed sets of layers ("ideals") and the devices that are used already.
 *
 *     state    (set, used devices, devices of the last stage, codec)  →  the cheapest pipeline that computes the set this way
 *     step     a state + the next stage's devices (one, or some that take turns) + the set it ends with + the codec behind it
 *
 * As the price of what follows depends on nothing else, the cheapest way to each state is enough. A state whose price together with a bound on the
 * layers that are left exceeds the best pipeline known is not gone on with; devices like each other are used in order. (Tarnawski et al.,
 * Efficient Algorithms for Device Placement of DNN Graph Operators, NeurIPS 2020, has the program over ideals for equal devices; here devices and
 * links differ, so the state says which devices are used.)
 *
 * The price is relative to one assumption: a tensor that a later stage reads passes through the stages between.
 */
import { alikeBefore } from './alike.ts';
import type { Costs, Span } from './costs.ts';
import { bitCount, type Group, Groups } from './group.ts';
import type { Objective } from './objective.ts';
import type { PipelinePlan } from './pipeline-plan.ts';
import { LayerBounds, Remaining } from './remaining.ts';

export interface ProgramOptions {
  readonly objective: Objective;
  /** Which devices may take turns with the frames of a stage: none, the two, three, … fastest of those that are left, or any. Only for throughput. */
  readonly teams: 'none' | 'fastest' | 'any';
  /** So many pipelines, each of other devices. */
  readonly top: number;
  /** What codecs may add to the relative error, all together. */
  readonly errorMax: number;
  /** Pipelines that are not better than this need not be found. */
  readonly below: number;
  /** States kept of those with equally many devices; infinite: exact. */
  readonly beam: number;
}

export interface Found {
  readonly plan: PipelinePlan;
  readonly value: number;
}

export interface ProgramResult {
  /** The best first. */
  readonly found: readonly Found[];
  /** Whether states were given up that might have led to better ones. */
  readonly exact: boolean;
}

interface State {
  readonly before: State | undefined;
  readonly set: number;
  readonly used: number;
  readonly group: Group;
  readonly codec: number;
  /** Price so far. When transfers block, without the last stage, which has yet to send. */
  readonly value: number;
  /** When transfers block: time of the last stage so far; else 0. */
  readonly open: number;
  readonly error: number;
}

/** `remaining`: of the same prices and objective; worth sharing when the program runs several times. */
export function idealProgram(
  costs: Costs,
  options: ProgramOptions,
  remaining: Remaining = new Remaining(costs, new LayerBounds(costs, options.objective)),
): ProgramResult {
  return new IdealProgram(costs, options, remaining).run();
}

/** Sums of floating-point numbers in another order differ by so much. */
const SLACK = 1e-12;

class IdealProgram {
  readonly #costs: Costs;
  readonly #options: ProgramOptions;
  readonly #groups: Groups;
  readonly #remaining: Remaining;
  readonly #alike: readonly number[];
  readonly #all: number;
  readonly #bySpeed: readonly number[];
  /** By used devices; then by set, last devices and codec. */
  readonly #states = new Map<number, Map<number, State[]>>();
  readonly #finals = new Map<number, State>();
  /** Prices from here on are of no interest. */
  #limit: number;
  #exact = true;

  constructor(costs: Costs, options: ProgramOptions, remaining: Remaining) {
    this.#costs = costs;
    this.#options = options;
    this.#groups = new Groups(costs.lattice.workload);
    this.#remaining = remaining;
    this.#alike = alikeBefore(costs.lattice.workload, costs.fleet);
    this.#all = 2 ** costs.fleet.devices.length - 1;
    const time = (device: number): number => costs.lattice.computeSum(costs.lattice.last, device);
    this.#bySpeed = costs.fleet.devices.map((_, device) => device).sort((a, b) => time(a) - time(b) || a - b);
    this.#limit = options.below;
  }

  run(): ProgramResult {
    this.#extend(undefined);
    for (let count = 1; count < this.#costs.fleet.devices.length; count += 1) {
      for (const state of this.#level(count)) this.#extend(state);
    }
    const found = [...this.#finals.values()].sort((a, b) => a.value - b.value).slice(0, this.#options.top);
    return { found: found.map((state) => ({ plan: planOf(state), value: state.value })), exact: this.#exact };
  }

  /** States with so many devices used, the most promising ones if there are too many. */
  #level(count: number): State[] {
    const { beam } = this.#options;
    let states: State[] = [];
    for (const [used, bySet] of this.#states) {
      if (bitCount(used) !== count) continue;
      for (const bucket of bySet.values()) states = states.concat(bucket);
      this.#states.delete(used);
    }
    if (states.length <= beam) return states;
    this.#exact = false;
    const promise = new Map(states.map((state) => [state, this.#promise(state)]));
    return states.sort((a, b) => promise.get(a)! - promise.get(b)!).slice(0, beam);
  }

  /** What a pipeline through this state costs at least. */
  #promise({ value, open, set, used }: State): number {
    const rest = this.#remaining.on(this.#all & ~used)[set]!;
    return this.#options.objective.additive ? value + rest : Math.max(value, open, rest);
  }

  #extend(state: State | undefined): void {
    if (state !== undefined && this.#promise(state) >= this.#limit) return;
    for (const mask of this.#teams(this.#all & ~(state?.used ?? 0))) this.#give(state, mask);
  }

  /** Which of the free devices might compute the next stage. */
  #teams(free: number): number[] {
    const { devices } = this.#costs.fleet;
    const singles = devices.flatMap((_, device) => free & (1 << device) || []);
    if (this.#options.teams === 'none') return singles;
    if (this.#options.teams === 'any') {
      const masks: number[] = [];
      for (let mask = free; mask !== 0; mask = (mask - 1) & free) masks.push(mask);
      return masks;
    }
    this.#exact = false;
    const fastest = this.#bySpeed.filter((device) => free & (1 << device));
    return [
      ...singles,
      ...fastest.map((_, index) => fastest.slice(0, index + 1).reduce((mask, device) => mask | (1 << device), 0)).slice(1),
    ];
  }

  /** The next stage to these devices, however much it computes. */
  #give(state: State | undefined, mask: number): void {
    const used = (state?.used ?? 0) | mask;
    if (mask === 0 || !this.#inOrder(mask, used)) return;
    const { objective } = this.#options;
    const { lattice, fleet } = this.#costs;
    const group = this.#groups.of(mask);
    const from = state?.set ?? 0;
    const reached = state === undefined ? objective.least(this.#costs) : this.#hop(state, group);
    if (reached >= this.#limit) return;
    const receiving =
      state === undefined || fleet.transfers !== 'blocking' || objective.additive
        ? 0
        : this.#costs.receiving(from, state.codec, state.group, group);
    const room = group.members.reduce((least, device) => Math.min(least, fleet.devices[device]!.memoryBytes), Number.POSITIVE_INFINITY);
    const rest = this.#remaining.on(this.#all & ~used);
    const combine = (a: number, b: number): number => (objective.additive ? a + b : Math.max(a, b));
    const budget = objective.additive ? this.#limit - reached : this.#limit;
    const first = group.members[0]!;
    const { sums, order, start } = lattice.byCompute(first);
    // Layers alone must fit into the budget; measured stages may be faster than the sum of their layers.
    const price = objective.layer(this.#costs, group.shares[0]! * lattice.measuredShare, first);
    const sumMax = price > 0 ? sums[from]! + budget / price : Number.POSITIVE_INFINITY;
    for (let at = start[from]!; at < order.length; at += 1) {
      const to = order[at]!;
      if (sums[to]! >= sumMax) break;
      if (rest[to]! >= budget || !lattice.isWithin(from, to)) continue;
      if (lattice.memoryBytes(from, to) > room) continue;
      for (let codec = 0; codec < (to === lattice.last ? 1 : fleet.codecs.length); codec += 1) {
        const error = (state?.error ?? 0) + (to === lattice.last ? 0 : fleet.codecs[codec]!.error);
        if (error > this.#options.errorMax * (1 + SLACK)) continue;
        const span: Span = { from, to, codecIn: state?.codec ?? 0, codecOut: codec };
        const stage = objective.stage(this.#costs, span, group) + receiving;
        const blocked = fleet.transfers === 'blocking' && !objective.additive;
        const [value, open] = blocked ? [reached, stage] : [combine(reached, stage), 0];
        this.#reach({ before: state, set: to, used, group, codec, value, open, error }, rest);
      }
    }
  }

  /** Price of a state whose last stage hands over to a group. */
  #hop(state: State, group: Group): number {
    const { objective } = this.#options;
    const { fleet } = this.#costs;
    if (objective.additive) return state.value + objective.hop(this.#costs, state.set, state.codec, state.group, group);
    if (fleet.transfers !== 'blocking')
      return Math.max(state.value, objective.hop(this.#costs, state.set, state.codec, state.group, group));
    return Math.max(state.value, state.open + this.#costs.sending(state.set, state.codec, state.group, group));
  }

  #reach(state: State, rest: Float64Array): void {
    const { value, open, set, used, codec } = state;
    const price = Math.max(value, open);
    if (price >= this.#limit) return;
    if (set === this.#costs.lattice.last) {
      if (price < (this.#finals.get(used)?.value ?? Number.POSITIVE_INFINITY)) this.#finish({ ...state, value: price });
      return;
    }
    const least = this.#options.objective.additive ? price + rest[set]! : Math.max(price, rest[set]!);
    if (least >= this.#limit) return;
    const bySet = this.#states.get(used) ?? new Map<number, State[]>();
    this.#states.set(used, bySet);
    const key = set * this.#costs.fleet.codecs.length + codec;
    const bucket = bySet.get(key);
    if (bucket === undefined) bySet.set(key, [state]);
    else this.#keepBest(bucket, state);
  }

  /** Adds a state unless one there is as good whatever follows; takes out those it is as good as. */
  #keepBest(bucket: State[], state: State): void {
    for (const other of bucket) if (this.#isAsGood(other, state)) return;
    let kept = 0;
    for (const other of bucket) if (!this.#isAsGood(state, other)) bucket[kept++] = other;
    bucket.length = kept;
    bucket.push(state);
  }

  /** Both have the same set, codec and used devices. On other last devices, no hop may make the better one the worse. */
  #isAsGood(a: State, b: State): boolean {
    if (a.value > b.value || a.open > b.open || a.error > b.error) return false;
    if (a.group === b.group) return true;
    if (this.#costs.fleet.transfers === 'blocking' && !this.#options.objective.additive) return false;
    const free = this.#all & ~a.used;
    for (let device = 0; device < this.#costs.fleet.devices.length; device += 1) {
      if (((free >>> device) & 1) === 0) continue;
      const next = this.#groups.of(1 << device);
      const [reached, other] = [this.#hop(a, next), this.#hop(b, next)];
      // Several that take turns together get no more than each alone: enough if a hop to each is short.
      if (this.#options.teams === 'none' ? reached > other : reached > b.value) return false;
    }
    return true;
  }

  #finish(state: State): void {
    this.#finals.set(state.used, state);
    if (this.#finals.size < this.#options.top) return;
    const values = [...this.#finals.values()].map(({ value }) => value).sort((a, b) => a - b);
    this.#limit = Math.min(this.#limit, values[this.#options.top - 1]!);
  }

  /** Whether of devices like each other the first are used first. */
  #inOrder(mask: number, used: number): boolean {
    for (const device of this.#groups.of(mask).members) if ((this.#alike[device]! & ~used) !== 0) return false;
    return true;
  }
}

function planOf(last: State): PipelinePlan {
  const stages: { to: number; group: Group; codec: number }[] = [];
  for (let state: State | undefined = last; state !== undefined; state = state.before) {
    stages.unshift({ to: state.set, group: state.group, codec: state.codec });
  }
  return stages;
}
