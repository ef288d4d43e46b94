/** The linear chains of the shared instances, as workloads; and how they count a period. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Fleet, noCodec } from '../../../controller/scheduler/pipeline/fleet.ts';
import type { Workload } from '../../../controller/scheduler/pipeline/workload.ts';
import { chainFlow } from './flows.ts';

export interface Chain {
  readonly id: string;
  readonly compute: readonly (readonly number[])[];
  readonly data: readonly number[];
  readonly inputData: number;
  readonly source: number | null;
  readonly sink: number | null;
  readonly memory?: readonly number[];
  readonly capacity?: readonly number[];
  readonly link: { readonly bandwidth: readonly (readonly (number | null)[])[]; readonly latency: readonly (readonly number[])[] | null };
  readonly expected: Readonly<
    Record<'minLatency' | 'minLatencyDistinct' | 'minPeriodOverlap' | 'minPeriodSerial', { readonly value: number }>
  >;
}

const file = fileURLToPath(new URL('../../../../shared/instances/chains.json', import.meta.url));

/** Undefined where the folder is not there. */
export function sharedChains(): readonly Chain[] | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).chains : undefined;
}

export function chainWorkload({ compute, data, inputData, memory }: Chain): Workload {
  const count = compute.length;
  return {
    flow: chainFlow(data.slice(0, -1)),
    inputs: [{ readers: [1], bytes: inputData }],
    outputs: [{ maker: count, bytes: data[count - 1]! }],
    compute: [[], ...compute],
    memoryBytes: [0, ...(memory ?? compute.map(() => 0))],
  };
}

export function chainFleet({ compute, capacity, link, source, sink }: Chain, transfers: Fleet['transfers']): Fleet {
  const count = compute[0]!.length;
  const matrix = (value: (p: number, q: number) => number): Float64Array =>
    Float64Array.from({ length: count ** 2 }, (_, at) => value(Math.floor(at / count), at % count));
  return {
    devices: compute[0]!.map((_, device) => ({
      name: `device${device}`,
      memoryBytes: capacity?.[device] ?? Number.POSITIVE_INFINITY,
      cpuPerByte: 0,
      cpuPerMessage: 0,
      activeWatts: 1,
      radioPerByte: 0,
    })),
    places: count,
    bandwidth: matrix((p, q) => (p === q ? Number.POSITIVE_INFINITY : link.bandwidth[p]![q]!)),
    latency: matrix((p, q) => (p === q || link.latency === null ? 0 : link.latency[p]![q]!)),
    source: source ?? undefined,
    sink: sink ?? undefined,
    framePeriod: 0,
    codecs: [noCodec(count)],
    transfers,
  };
}
