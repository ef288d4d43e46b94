/**
 * The closed sets of a workload's layers, laid out for planners: a stage is what lies between one of them and a larger one.
 *
 *     {} = 0 ── 1 ── 2 ─┬─ 4 ── … ── last = all layers       numbered by how many layers they hold
 *                       └─ 3 ─┘
 *
 * All that a stage costs is a difference of two sets' sums; what crosses its ends is written down for each set.
 */
import { type LayerFlow, type LayerSet, layersIn } from '../../../partition/cuts/layer-flow.ts';
import type { Workload } from './workload.ts';

const WORD_BITS = 32;
const ONE = '1'.charCodeAt(0);
/** Sums of the same numbers in another order differ by less, relative to all. */
const SLACK = 1e-9;

export interface ComputeOrder {
  /** Of each set. */
  readonly sums: Float64Array;
  /** Sets, ascending by their sums. */
  readonly order: Int32Array;
  /** Of each set: where in the order those begin that can contain it. */
  readonly start: Int32Array;
}

export class Lattice {
  readonly workload: Workload;
  readonly devices: number;
  /** Of each number, ascending by size: first the empty set, last all layers. */
  readonly sets: readonly LayerSet[];
  /** Bytes of the tensors that have a reader outside: what the next stage is handed. */
  readonly cutBytes: Float64Array;
  readonly #numbers: ReadonlyMap<LayerSet, number>;
  readonly #members: readonly Uint16Array[];
  readonly #words: Uint32Array;
  readonly #wordsEach: number;
  /** [device × sets + set] of all layers in the set. */
  readonly #compute: Float64Array;
  readonly #memory: Float64Array;
  readonly #byCompute: (ComputeOrder | undefined)[] = [];
  /** [set × inputs + input]: how many of its readers are in the set. */
  readonly #inputReaders: Int32Array;
  readonly #outputBytes: Float64Array;
  /** By set, then by the set it ends with. */
  readonly #measured: readonly (ReadonlyMap<number, readonly (number | undefined)[]> | undefined)[];
  /** The shortest of all measured segments relative to the sum of its layers; at most 1. */
  readonly measuredShare: number;

  /** `ideals`: without the empty set, with that of all layers; see partition's listIdeals. */
  constructor(workload: Workload, ideals: readonly LayerSet[]) {
    const { flow, compute, memoryBytes, inputs, outputs } = workload;
    this.workload = workload;
    this.devices = compute[1]!.length;
    const members = [0n, ...new Set(ideals)].map((set) => ({ set, layers: membersOf(set) }));
    members.sort((a, b) => a.layers.length - b.layers.length);
    this.sets = members.map(({ set }) => set);
    this.#members = members.map(({ layers }) => layers);
    this.#numbers = new Map(this.sets.map((set, index) => [set, index]));
    const count = this.sets.length;
    this.#wordsEach = Math.floor(flow.count / WORD_BITS) + 1;
    this.#words = new Uint32Array(count * this.#wordsEach);
    this.#compute = new Float64Array(count * this.devices);
    this.#memory = new Float64Array(count);
    this.#inputReaders = new Int32Array(count * inputs.length);
    this.#outputBytes = new Float64Array(count);
    this.cutBytes = Float64Array.from(this.#members, (layers) => crossingBytes(flow, layers));
    for (const [index, layers] of this.#members.entries()) {
      for (const layer of layers) {
        this.#words[index * this.#wordsEach + Math.floor(layer / WORD_BITS)]! |= 1 << (layer % WORD_BITS);
        for (let device = 0; device < this.devices; device += 1) this.#compute[device * count + index]! += compute[layer]![device]!;
        this.#memory[index]! += memoryBytes[layer]!;
        for (const output of outputs) if (output.maker === layer) this.#outputBytes[index]! += output.bytes;
        for (const [at, input] of inputs.entries()) if (input.readers.includes(layer)) this.#inputReaders[index * inputs.length + at]! += 1;
      }
    }
    this.#measured = this.#placeMeasured();
    this.measuredShare = this.#leastMeasuredShare();
  }

  /** Number of a set; undefined when it is not among these. */
  numberOf(set: LayerSet): number | undefined {
    return this.#numbers.get(set);
  }

  get last(): number {
    return this.sets.length - 1;
  }

  /** Whether `from` is a proper part of `to`. */
  isWithin(from: number, to: number): boolean {
    if (from >= to) return false;
    const [a, b] = [from * this.#wordsEach, to * this.#wordsEach];
    for (let word = 0; word < this.#wordsEach; word += 1) if ((this.#words[a + word]! & ~this.#words[b + word]!) !== 0) return false;
    return true;
  }

  /** Time of the stage between two sets: measured, else the sum of its layers. */
  compute(from: number, to: number, device: number): number {
    return this.#measured[from]?.get(to)?.[device] ?? this.computeSum(to, device) - this.computeSum(from, device);
  }

  /** Time of all layers in the set, one by one. */
  computeSum(set: number, device: number): number {
    return this.#compute[device * this.sets.length + set]!;
  }

  /** All sets by the time of their layers on a device. */
  byCompute(device: number): ComputeOrder {
    const count = this.sets.length;
    this.#byCompute[device] ??= computeOrder(this.#compute.subarray(device * count, (device + 1) * count));
    return this.#byCompute[device];
  }

  /** Of a value that each layer has, by its number. */
  sum(set: number, values: readonly number[]): number {
    let sum = 0;
    for (const layer of this.#members[set]!) sum += values[layer]!;
    return sum;
  }

  /** What the stage between two sets takes on its device. */
  memoryBytes(from: number, to: number): number {
    return this.#memory[to]! - this.#memory[from]! + (this.workload.stageMemoryBytes ?? 0);
  }

  /** What the source sends to the stage between two sets. */
  inputBytes(from: number, to: number): number {
    const { inputs } = this.workload;
    let bytes = 0;
    for (let input = 0; input < inputs.length; input += 1) {
      const readers = this.#inputReaders[to * inputs.length + input]! - this.#inputReaders[from * inputs.length + input]!;
      if (readers > 0) bytes += inputs[input]!.bytes;
    }
    return bytes;
  }

  /** What it sends to the sink. */
  outputBytes(from: number, to: number): number {
    return this.#outputBytes[to]! - this.#outputBytes[from]!;
  }

  /** Layers of the stage between two sets, ascending. */
  layers(from: number, to: number): readonly number[] {
    return layersIn(this.sets[to]! & ~this.sets[from]!);
  }

  #placeMeasured(): (Map<number, readonly (number | undefined)[]> | undefined)[] {
    return this.sets.map((set) => {
      let found: Map<number, readonly (number | undefined)[]> | undefined;
      for (const [layers, times] of this.workload.segments ?? []) {
        const to = (set & layers) === 0n ? this.numberOf(set | layers) : undefined;
        if (to !== undefined) found = (found ?? new Map()).set(to, times);
      }
      return found;
    });
  }

  #leastMeasuredShare(): number {
    let least = 1;
    for (const [from, ends] of this.#measured.entries()) {
      for (const [to, times] of ends ?? []) {
        for (const [device, time] of times.entries()) {
          const sum = this.computeSum(to, device) - this.computeSum(from, device);
          if (time !== undefined && sum > 0 && Number.isFinite(sum)) least = Math.min(least, time / sum);
        }
      }
    }
    return least;
  }
}

/** As partition's layersIn, thousands of times: reading digits is faster than shifting large numbers. */
function membersOf(set: LayerSet): Uint16Array {
  const digits = set.toString(2);
  const layers: number[] = [];
  for (let at = digits.length - 1; at >= 0; at -= 1) if (digits.charCodeAt(at) === ONE) layers.push(digits.length - 1 - at);
  return Uint16Array.from(layers);
}

/** As partition's cutAt, thousands of times. A size that is not known makes the sum NaN. */
function crossingBytes({ count, tensors }: LayerFlow, layers: Uint16Array): number {
  const inside = new Uint8Array(count + 1);
  for (const layer of layers) inside[layer] = 1;
  let bytes = 0;
  for (const { maker, readers, bytes: size } of tensors) {
    if (inside[maker] === 1 && readers.some((reader) => inside[reader] === 0)) bytes += size ?? Number.NaN;
  }
  return bytes;
}

function computeOrder(sums: Float64Array): ComputeOrder {
  const order = Int32Array.from(sums.keys()).sort((a, b) => sums[a]! - sums[b]!);
  const slack = SLACK * sums[order.at(-1)!]!;
  const start = new Int32Array(sums.length);
  let first = 0;
  for (const set of order) {
    while (sums[order[first]!]! < sums[set]! - slack) first += 1;
    start[set] = first;
  }
  return { sums, order, start };
}
