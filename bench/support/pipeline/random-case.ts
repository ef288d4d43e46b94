/** Small random workloads and fleets, seeded: layer graphs of all shapes, unlike devices and links, codecs, small memories. */
import { type Fleet, noCodec } from '../../../controller/scheduler/pipeline/fleet.ts';
import type { Workload } from '../../../controller/scheduler/pipeline/workload.ts';
import type { Random } from '../../../mesh/random.ts';
import { listIdeals } from '../../../partition/cuts/ideals.ts';
import type { LayerSet, LayerTensor } from '../../../partition/cuts/layer-flow.ts';
import { flowOf } from './flows.ts';

export interface Case {
  readonly workload: Workload;
  readonly fleet: Fleet;
  readonly ideals: readonly LayerSet[];
}

export interface CaseOptions {
  readonly layersMax: number;
  readonly devicesMax: number;
  /** By number of devices: graphs with more closed sets than a brute-force search can take are made anew. */
  readonly idealsMax: readonly number[];
}

export function randomCase(random: Random, options: CaseOptions): Case {
  const devices = 1 + random.below(options.devicesMax);
  for (;;) {
    const workload = randomWorkload(random, 1 + random.below(options.layersMax), devices);
    const { ideals, complete } = listIdeals(workload.flow, options.idealsMax[devices]!);
    if (complete) return { workload, fleet: randomFleet(random, devices), ideals };
  }
}

function randomWorkload(random: Random, layers: number, devices: number): Workload {
  const density = random.next();
  const tensors: LayerTensor[] = [];
  for (let maker = 1; maker < layers; maker += 1) {
    const readers: number[] = [];
    for (let reader = maker + 1; reader <= layers; reader += 1) {
      if (random.next() < (reader === maker + 1 ? 0.5 + density / 2 : density / 3)) readers.push(reader);
    }
    if (readers.length > 0) tensors.push({ name: `t${maker}`, maker, readers, bytes: random.below(50) });
    // A second tensor of the same layer, with readers of its own.
    if (readers.length > 1 && random.next() < 0.2)
      tensors.push({ name: `u${maker}`, maker, readers: readers.slice(1), bytes: random.below(50) });
  }
  const alike = random.next() < 0.3;
  const some = (): number => 1 + random.below(layers);
  return {
    flow: flowOf(layers, tensors),
    inputs: Array.from({ length: 1 + random.below(2) }, () => ({
      readers: [...new Set([some(), some()])].sort((a, b) => a - b),
      bytes: random.below(60),
    })),
    outputs: Array.from({ length: 1 + random.below(2) }, () => ({ maker: some(), bytes: random.below(40) })),
    compute: [
      [],
      ...Array.from({ length: layers }, () => {
        const base = random.below(30);
        return Array.from({ length: devices }, () => (alike ? base : base + random.below(20)));
      }),
    ],
    memoryBytes: [0, ...Array.from({ length: layers }, () => random.below(10))],
    ...(random.next() < 0.5 ? { stageMemoryBytes: random.below(10) } : {}),
    ...(random.next() < 0.2 ? { segments: new Map([[2n, Array.from({ length: devices }, () => random.below(30))]]) } : {}),
  };
}

function randomFleet(random: Random, devices: number): Fleet {
  const outside = random.below(2);
  const places = devices + outside;
  const even = random.next() < 0.3;
  const matrix = (diagonal: number, value: () => number): Float64Array => {
    const same = value();
    return Float64Array.from({ length: places ** 2 }, (_, at) =>
      Math.floor(at / places) === at % places ? diagonal : even ? same : value(),
    );
  };
  const end = (): number | undefined => (random.next() < 0.3 ? undefined : random.below(places));
  const cpu = random.next() < 0.5 ? 0 : random.next() / 5;
  const roomy = random.next() < 0.5;
  const modes = ['streamed', 'overlapped', 'blocking'] as const;
  return {
    devices: Array.from({ length: devices }, (_, device) => ({
      name: `device${device}`,
      memoryBytes: roomy ? Number.POSITIVE_INFINITY : 15 + random.below(40),
      cpuPerByte: cpu,
      cpuPerMessage: cpu,
      activeWatts: 1 + (even ? 0 : random.below(5)),
      radioPerByte: even ? 0.1 : random.next(),
    })),
    places,
    bandwidth: matrix(Number.POSITIVE_INFINITY, () => 1 + random.below(8)),
    latency: matrix(0, () => random.below(5)),
    source: end(),
    sink: end(),
    framePeriod: random.next() < 0.8 ? 0 : random.below(30),
    codecs: [
      noCodec(devices),
      ...Array.from({ length: random.below(2) }, () => ({
        name: 'half',
        ratio: 0.5,
        encodePerByte: Array.from({ length: devices }, () => random.next() / 5),
        decodePerByte: Array.from({ length: devices }, () => random.next() / 5),
        error: random.below(2) / 10,
      })),
    ],
    transfers: modes[random.below(3)]!,
  };
}
