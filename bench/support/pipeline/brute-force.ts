/**
 * All pipelines of a small case, each priced from the description of the model alone: nothing of the planner is used. Stages are sets of layers
 * and lists of devices. What depends on a set of layers or on a device alone is worked out once for each, not once for each pipeline.
 */
import type { Fleet } from '../../../controller/scheduler/pipeline/fleet.ts';
import type { ObjectiveName } from '../../../controller/scheduler/pipeline/objective.ts';
import type { Workload } from '../../../controller/scheduler/pipeline/workload.ts';
import { hasLayer, type LayerSet, layersIn } from '../../../partition/cuts/layer-flow.ts';
import type { Case } from './random-case.ts';

interface Stage {
  readonly layers: LayerSet;
  readonly devices: readonly number[];
  readonly codec: number;
}

export interface BruteForceOptions {
  readonly objective: ObjectiveName;
  readonly replicate: boolean;
  /** Whether a device may have several stages, not one after the other. */
  readonly revisit: boolean;
  readonly errorMax: number;
}

/** The least price; infinite when no pipeline has room. */
export function leastPrice({ workload, fleet, ideals }: Case, options: BruteForceOptions): number {
  const all = ideals.reduce((set, each) => set | each, 0n);
  let least = Number.POSITIVE_INFINITY;
  const teams = subsets(fleet.devices.length).filter(({ length }) => length === 1 || options.replicate);
  const price = prices(workload, fleet, options.objective);
  const memoryOf = once((layers: LayerSet) =>
    layersIn(layers).reduce((sum, layer) => sum + workload.memoryBytes[layer]!, workload.stageMemoryBytes ?? 0),
  );
  const extend = (stages: readonly Stage[], done: LayerSet): void => {
    if (done === all) {
      least = Math.min(least, price(stages));
      return;
    }
    for (const devices of teams) {
      const before = options.revisit ? (stages.at(-1)?.devices ?? []) : stages.flatMap((stage) => stage.devices);
      if (devices.some((device) => before.includes(device))) continue;
      for (const set of ideals) {
        if (set === done || (done & ~set) !== 0n) continue;
        const layers = set & ~done;
        const taken = (device: number): number =>
          stages.reduce((sum, stage) => (stage.devices.includes(device) ? sum + memoryOf(stage.layers) : sum), memoryOf(layers));
        if (devices.some((device) => taken(device) > fleet.devices[device]!.memoryBytes)) continue;
        for (const [codec, { error }] of fleet.codecs.entries()) {
          if (set === all && codec > 0) continue;
          const added = set === all ? 0 : error;
          const spent = stages.reduce((sum, stage) => sum + fleet.codecs[stage.codec]!.error, added);
          if (spent <= options.errorMax + 1e-9) extend([...stages, { layers, devices, codec }], set);
        }
      }
    }
  };
  extend([], 0n);
  return least;
}

/** What a pipeline costs. */
function prices(workload: Workload, fleet: Fleet, objective: ObjectiveName): (stages: readonly Stage[]) => number {
  const { places, bandwidth, latency, source, sink, transfers } = fleet;
  const transfer = (bytes: number, p: number, q: number): number =>
    p === q ? 0 : latency[p * places + q]! + bytes / bandwidth[p * places + q]!;
  const taken = (bytes: number, p: number, q: number): number =>
    p === q ? 0 : transfers === 'streamed' ? bytes / bandwidth[p * places + q]! : transfer(bytes, p, q);
  const speeds = fleet.devices.map((_, device) => {
    const total = workload.compute.slice(1).reduce((sum, row) => sum + row[device]!, 0);
    return total > 0 ? 1 / total : Number.NaN;
  });
  const even = speeds.some(Number.isNaN);
  const share = (devices: readonly number[], device: number): number =>
    even ? 1 / devices.length : speeds[device]! / devices.reduce((sum, other) => sum + speeds[other]!, 0);
  const crossing = once((set: LayerSet) =>
    workload.flow.tensors
      .filter(({ maker, readers }) => hasLayer(set, maker) && readers.some((reader) => !hasLayer(set, reader)))
      .reduce((sum, { bytes }) => sum + bytes!, 0),
  );
  const inputOf = once((layers: LayerSet) =>
    workload.inputs.filter(({ readers }) => readers.some((reader) => hasLayer(layers, reader))).reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const outputOf = once((layers: LayerSet) =>
    workload.outputs.filter(({ maker }) => hasLayer(layers, maker)).reduce((sum, { bytes }) => sum + bytes, 0),
  );
  /** By device. */
  const computeOf = once((layers: LayerSet) =>
    fleet.devices.map(
      (_, device) =>
        workload.segments?.get(layers)?.[device] ?? layersIn(layers).reduce((sum, layer) => sum + workload.compute[layer]![device]!, 0),
    ),
  );
  return (stages) => {
    let done = 0n;
    const parts = stages.map((stage) => {
      const before = done;
      done |= stage.layers;
      const after = done;
      return {
        ...stage,
        crossingIn: crossing(before),
        crossingOut: crossing(after),
        input: inputOf(stage.layers),
        output: outputOf(stage.layers),
      };
    });
    const own = (index: number, device: number): number => {
      const { layers, crossingIn, crossingOut, input, output, codec } = parts[index]!;
      const { cpuPerByte, cpuPerMessage } = fleet.devices[device]!;
      let time = computeOf(layers)[device]!;
      if (index > 0) {
        const { ratio, decodePerByte } = fleet.codecs[parts[index - 1]!.codec]!;
        time += crossingIn * decodePerByte[device]! + crossingIn * ratio * cpuPerByte + cpuPerMessage;
      }
      if (index < parts.length - 1) {
        const { ratio, encodePerByte } = fleet.codecs[codec]!;
        time += crossingOut * encodePerByte[device]! + crossingOut * ratio * cpuPerByte + cpuPerMessage;
      }
      if (source !== undefined && source !== device && input > 0) time += input * cpuPerByte + cpuPerMessage;
      if (sink !== undefined && sink !== device && output > 0) time += output * cpuPerByte + cpuPerMessage;
      return time;
    };
    const wire = (index: number): number => parts[index]!.crossingOut * fleet.codecs[parts[index]!.codec]!.ratio;
    const sums = { latency: 0, energy: 0 };
    let period = fleet.framePeriod;
    for (const [index, { devices, input, output }] of parts.entries()) {
      const next = parts[index + 1]?.devices ?? [];
      const before = parts[index - 1]?.devices ?? [];
      const sending = (device: number): number =>
        share(devices, device) * next.reduce((sum, q) => sum + share(next, q) * taken(wire(index), device, q), 0);
      const receiving = (device: number): number =>
        share(devices, device) * before.reduce((sum, p) => sum + share(before, p) * taken(wire(index - 1), p, device), 0);
      const fromSource = (device: number): number => (source !== undefined && input > 0 ? taken(input, source, device) : 0);
      const toSink = (device: number): number => (sink !== undefined && output > 0 ? taken(output, device, sink) : 0);
      const most = (value: (device: number) => number): number => Math.max(0, ...devices.map(value));
      const all = (value: (device: number) => number): number =>
        devices.reduce((sum, device) => sum + share(devices, device) * value(device), 0);
      if (transfers === 'blocking') {
        const busy = most((device) => share(devices, device) * (own(index, device) + fromSource(device) + toSink(device)));
        period = Math.max(period, busy + most(receiving) + most(sending));
      } else {
        period = Math.max(
          period,
          most((device) => share(devices, device) * own(index, device)),
          all(fromSource),
          all(toSink),
        );
        period = Math.max(period, most(sending), most(receiving));
      }
      const [device, other] = [devices[0]!, next[0]];
      sums.latency += own(index, device);
      if (source !== undefined && input > 0) sums.latency += transfer(input, source, device);
      if (sink !== undefined && output > 0) sums.latency += transfer(output, device, sink);
      if (other !== undefined) sums.latency += transfer(wire(index), device, other);
      const { activeWatts, radioPerByte } = fleet.devices[device]!;
      let bytes = (index > 0 ? wire(index - 1) : 0) + (other === undefined ? 0 : wire(index));
      if (source !== undefined && source !== device) bytes += input;
      if (sink !== undefined && sink !== device) bytes += output;
      sums.energy += own(index, device) * activeWatts + bytes * radioPerByte;
    }
    return objective === 'throughput' ? period : sums[objective];
  };
}

function once<T>(work: (set: LayerSet) => T): (set: LayerSet) => T {
  const known = new Map<LayerSet, T>();
  return (set) => {
    let value = known.get(set);
    if (value === undefined) {
      value = work(set);
      known.set(set, value);
    }
    return value;
  };
}

function subsets(count: number): number[][] {
  return Array.from({ length: 2 ** count - 1 }, (_, index) =>
    Array.from({ length: count }, (__, device) => device).filter((device) => ((index + 1) >>> device) & 1),
  );
}
