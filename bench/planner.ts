/**
 * The pipeline planner: how long exact plans take, and whether they are what going through all pipelines finds.
 *
 *     node bench/planner.ts [--rounds 5] [--cases 1000] [--json]
 *
 * Each plan is made from nothing but the graph: closed sets, prices, the program, the proof. CPU time of this process, which other work on the machine
 * disturbs less than the wall clock. `cases`: random small workloads that are also priced by brute force.
 */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { modelWorkload } from '../controller/plan/model-workload.ts';
import { type Fleet, noCodec } from '../controller/scheduler/pipeline/fleet.ts';
import type { ObjectiveName } from '../controller/scheduler/pipeline/objective.ts';
import { planPipeline } from '../controller/scheduler/pipeline/planner.ts';
import type { Workload } from '../controller/scheduler/pipeline/workload.ts';
import { Random } from '../mesh/random.ts';
import { STAGE_PROCESS_BYTES } from '../mesh/stage-memory.ts';
import { listIdeals } from '../partition/cuts/ideals.ts';
import type { LayeredGraph } from '../partition/layers.ts';
import { resolveModel } from '../partition/load.ts';
import { leastPrice } from './support/pipeline/brute-force.ts';
import { chainFleet, chainWorkload, sharedChains } from './support/pipeline/chains.ts';
import { randomCase } from './support/pipeline/random-case.ts';
import { print, type Row } from './support/report.ts';
import { median } from './support/statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    cases: { type: 'string', default: '1000' },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);

/** Milliseconds of CPU. */
function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

function timed(what: string, atMost: number | undefined, work: () => void): Row {
  const times = Array.from({ length: rounds }, () => cpuMs(work));
  return { what, value: median(times), unit: 'ms', rounds: times, ...(atMost === undefined ? {} : { bar: { atMost } }) };
}

const DEVICES = 6;
const MBIT_PER_S = 940;
const LATENCY_MS = 0.3;

interface Kind {
  readonly name: string;
  /** Of a device: 10⁶ multiply-accumulates per millisecond for a layer. */
  rate(device: number, layer: number): number;
  readonly memoryBytes: number;
}

const kinds: readonly Kind[] = [
  { name: 'six alike', rate: () => 6, memoryBytes: Number.POSITIVE_INFINITY },
  { name: 'six of unlike speed', rate: (device) => [3, 4, 5, 6, 8, 12][device]!, memoryBytes: Number.POSITIVE_INFINITY },
  {
    name: 'six of unlike speed, 40 MB of weights each',
    rate: (device) => [3, 4, 5, 6, 8, 12][device]!,
    memoryBytes: 40e6 + STAGE_PROCESS_BYTES,
  },
  {
    name: 'six whose order of speed differs from layer to layer',
    rate: (device, layer) => [3, 4, 5, 6, 7.5, 9][device]! / (1 + 0.3 * Math.sin(layer * (device + 1))),
    memoryBytes: Number.POSITIVE_INFINITY,
  },
];

function workloadOf(layered: LayeredGraph, kind: Kind): Workload {
  const row = (macs: number, layer: number): number[] =>
    Array.from({ length: DEVICES }, (_, device) => 0.05 + macs / (kind.rate(device, layer) * 1e6));
  return { ...modelWorkload(layered), compute: [[], ...layered.layers.map(({ macs, number }) => row(macs ?? 0, number))] };
}

function fleetOf({ memoryBytes }: Kind): Fleet {
  const places = DEVICES + 1;
  const matrix = (diagonal: number, value: number): Float64Array =>
    Float64Array.from({ length: places ** 2 }, (_, at) => (Math.floor(at / places) === at % places ? diagonal : value));
  return {
    devices: Array.from({ length: DEVICES }, (_, device) => ({
      name: `device${device}`,
      memoryBytes,
      cpuPerByte: 0,
      cpuPerMessage: 0,
      activeWatts: 1,
      radioPerByte: 0,
    })),
    places,
    bandwidth: matrix(Number.POSITIVE_INFINITY, MBIT_PER_S * 125),
    latency: matrix(0, LATENCY_MS),
    source: DEVICES,
    sink: DEVICES,
    framePeriod: 0,
    codecs: [noCodec(DEVICES)],
    transfers: 'streamed',
  };
}

async function modelRows(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of ['resnet50', 'inceptionv3']) {
    const { layered } = await resolveModel(name, { cacheDir: join(homedir(), '.cache', 'splitmesh') });
    for (const kind of kinds) {
      for (const replicate of [false, true]) {
        const plan = (): ReturnType<typeof planPipeline> => {
          const workload = workloadOf(layered, kind);
          const { ideals, complete } = listIdeals(workload.flow, 10_000);
          return planPipeline({
            workload,
            fleet: fleetOf(kind),
            ideals,
            complete,
            objective: 'throughput',
            replicate,
            top: 1,
            errorMax: 0,
            effort: 'exact',
          });
        };
        const { plans, bound } = plan();
        if (plans[0]!.value !== bound) throw new Error(`${name} on ${kind.name} is not proven`);
        rows.push(timed(`${name}, ${kind.name}${replicate ? ', taking turns' : ''}`, 200, plan));
      }
    }
  }
  return rows;
}

function chainRows(): Row[] {
  return (sharedChains() ?? []).flatMap((chain) => {
    const workload = chainWorkload(chain);
    const of = (transfers: Fleet['transfers'], objective: ObjectiveName, value: number, what: string): Row => {
      const plan = (): number => {
        const { ideals, complete } = listIdeals(workload.flow, 1000);
        const fleet = chainFleet(chain, transfers);
        return planPipeline({ workload, fleet, ideals, complete, objective, replicate: false, top: 1, errorMax: 0, effort: 'exact' })
          .plans[0]!.value;
      };
      if (Math.abs(plan() - value) > 1e-6 * value) throw new Error(`${chain.id}: ${what} ${plan()}, expected ${value}`);
      return timed(`${chain.id}: ${what}`, 50, plan);
    };
    const { minLatency, minPeriodOverlap, minPeriodSerial } = chain.expected;
    return [
      of('overlapped', 'latency', minLatency.value, 'latency'),
      of('overlapped', 'throughput', minPeriodOverlap.value, 'period'),
      of('blocking', 'throughput', minPeriodSerial.value, 'period without overlap'),
    ];
  });
}

/** How many plans are not the least of all. */
function mismatchRow(cases: number): Row {
  let mismatches = 0;
  for (let seed = 1; seed <= cases; seed += 1) {
    const random = new Random(seed);
    const drawn = randomCase(random, { layersMax: 12, devicesMax: 4, idealsMax: [0, 1000, 60, 20, 9] });
    const replicate = random.below(2) === 1;
    const errorMax = random.below(2) * 0.15;
    const least = leastPrice(drawn, { objective: 'throughput', replicate, revisit: false, errorMax });
    const found = planPipeline({ ...drawn, complete: true, objective: 'throughput', replicate, top: 1, errorMax, effort: 'exact' }).plans[0]
      ?.value;
    if (Math.abs((found ?? Number.MAX_VALUE) - Math.min(least, Number.MAX_VALUE)) > 1e-9 * Math.max(1, least)) mismatches += 1;
  }
  return {
    what: `of ${cases} random cases, other than by brute force`,
    value: mismatches,
    unit: 'cases',
    rounds: [mismatches],
    bar: { atMost: 0 },
  };
}

print(
  {
    benchmark: 'Pipeline planner',
    method: `exact plans for throughput, proof included; ${MBIT_PER_S} Mbit/s, ${LATENCY_MS} ms; median CPU time of ${rounds} rounds`,
    rows: [...(await modelRows()), ...chainRows(), mismatchRow(Number(values.cases))],
  },
  values.json,
);
