/** The service on a port of its own, with devices that are as a test says and a profiler whose predictions can be computed in the head. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownState } from '../../../../controller/profile/device-state/known-state.ts';
import type { ProfiledSubject, ProfilerPort } from '../../../../controller/profile/serve/profiler-port.ts';
import { createService, type ServiceOptions } from '../../../../controller/profile/serve/service.ts';
import { HttpServer } from '../../../../mesh/http/http-server.ts';
import type { Scope } from '../../../helpers/scope.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

export function device(node: string, cpuBusyPercent: number, problems: readonly string[] = []): KnownState {
  return {
    node,
    nodeUuid: `4e849968-21fc-11ed-a346-${node.padStart(12, '0')}`,
    deviceModel: 'Raspberry Pi 4B',
    deviceClass: 'Computer',
    state: { cpuBusyPercent, memoryUsedPercent: 50, diskUsedPercent: 50 },
    ageMs: 1_500,
    problems,
  };
}

export interface TestProfiler extends ProfilerPort {
  /** What it was asked. */
  readonly subjects: ProfiledSubject[];
}

/** A second for each convolution, longer on a busy device; fastest first. Of `rare` too little was measured. */
export function profiler(): TestProfiler {
  const subjects: ProfiledSubject[] = [];
  return {
    subjects,
    predict: async (subject, devices) => {
      subjects.push(subject);
      const all = devices.map(({ node, state }) => {
        const ms = (1000 * subject.characteristics.convLayers) / (1 - state.cpuBusyPercent! / 100);
        const interval = node === 'rare' ? { low: 0, high: Number.POSITIVE_INFINITY } : { low: ms / 2, high: ms * 2 };
        const contributions = [{ name: 'convolutions', value: 15, unit: 'ms' as const }];
        return {
          node,
          prediction: {
            ms,
            interval,
            measurements: node === 'rare' ? 2 : 40,
            extrapolates: ['more parameters than measured'],
            contributions,
          },
        };
      });
      return all.toSorted((a, b) => a.prediction.ms - b.prediction.ms);
    },
  };
}

export interface Served {
  readonly url: string;
  readonly port: number;
  readonly profiler: TestProfiler;
  /** Where models lie while they are looked at. */
  readonly tempFolder: string;
  readonly bugs: unknown[];
}

export async function serve(t: Scope, options: Partial<ServiceOptions> = {}, limits = {}): Promise<Served> {
  const temp = join(await tempFolder(t), 'models');
  await mkdir(temp);
  const bugs: unknown[] = [];
  const own = profiler();
  const handle = createService({
    states: { now: async () => [device('pi1', 0), device('pi2', 50), device('rare', 75)] },
    profiler: own,
    modelBytesMax: 64 * 1024,
    tempFolder: temp,
    softwareVersion: '1.0.0',
    ...options,
  });
  const server = await HttpServer.listen({
    ...{ listen: '127.0.0.1:0', option: '--port N', handle },
    limits: { headersMs: 5_000, requestMs: 5_000, idleMs: 10_000, connections: 32, ...limits },
    onBug: (error) => bugs.push(error),
  });
  t.teardown(() => server.stop(0));
  return { url: `http://${server.address}`, port: server.port, profiler: own, tempFolder: temp, bugs };
}

/** As the README of the published service has it. */
export const publishedRequest = `{       "model" : "model",
        "conv_layers" : 66666666,
        "pool_layers" : 77777777,
        "fc_layers" : 34535353535,
        "filter_details" : 66,
        "total_parameters" : 10000000000000000000,
        "model_input_size": 345343543,
        "model_output_size": 123421435}`;

export function post(url: string, body: string | Uint8Array | FormData, type?: string): Promise<Response> {
  return fetch(url, { method: 'POST', body, headers: type === undefined ? {} : { 'content-type': type } });
}
