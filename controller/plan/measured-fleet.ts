/**
 * The devices of a mesh as far as something was measured on them, or is foretold of them: what `@auto` plans for. What is neither is assumed to be typical.
 */
import type { Device } from '../../mesh/device.ts';
import { MeshError } from '../../mesh/error.ts';
import { STAGE_PROCESS_BYTES } from '../../mesh/stage-memory.ts';
import { TYPICAL } from './device-speed.ts';
import { fitLinks, type TransferSample } from './link-fit.ts';
import { CONTROLLER, type MeasuredText, type PlanFleet, TYPICAL_LINK } from './plan-fleet.ts';

export interface MeasuredMember {
  readonly name: string;
  readonly deviceClass: string;
  /** That stages may take. */
  readonly memoryBytes: number;
  /** See PlanDevice. */
  readonly foretoldMs?: readonly number[] | undefined;
}

/** What the profiler foretells of the model's layers on a device: milliseconds by their number. Undefined: it knows too little. */
export type Foretell = (device: Device, threads: number) => readonly number[] | undefined;

interface Measured {
  /** By class of device; empty where nothing could be measured yet. */
  readonly times: ReadonlyMap<string, readonly MeasuredText[]>;
  readonly transfers: readonly TransferSample[];
  readonly frameMs: number | undefined;
}

export function measuredFleet(model: string, members: readonly MeasuredMember[], { times, transfers, frameMs }: Measured): PlanFleet {
  return {
    devices: members.map(({ name, deviceClass, memoryBytes, foretoldMs }) => {
      const known = times.get(deviceClass)!;
      return {
        name,
        rates: known.length === 0 && foretoldMs === undefined ? TYPICAL : undefined,
        foretoldMs,
        segments: new Map([[model, known]]),
        memoryBytes,
        cpuMsPerByte: 0,
        cpuMsPerMessage: 0,
        activeWatts: 1,
        radioNanojoulesPerByte: 0,
      };
    }),
    source: CONTROLLER,
    sink: CONTROLLER,
    codecs: [],
    frameMs: frameMs ?? 0,
    link: fitLinks(transfers) ?? (() => TYPICAL_LINK),
  };
}

/** Of stages that were measured on several devices of a class, the slowest: a pipeline waits for it. */
export function slowestOf(measured: readonly MeasuredText[]): MeasuredText[] {
  return [...Map.groupBy(measured, ({ layers }) => layers)].map(([layers, all]) => ({ layers, ms: Math.max(...all.map(({ ms }) => ms)) }));
}

export function noPlanFits(model: string, members: readonly Pick<MeasuredMember, 'name' | 'memoryBytes'>[]): MeshError {
  const sizes = members.map(({ name, memoryBytes }) => `${name} ${Math.round(memoryBytes / 2 ** 20)} MiB`);
  return new MeshError('exhausted', `no plan of ${model} fits into the memory of ${sizes.join(', ')}`, {
    hint: `every stage needs ${STAGE_PROCESS_BYTES / 2 ** 20} MiB besides its weights; add devices, or raise the agents' --memory`,
  });
}
