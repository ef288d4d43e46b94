/** Devices as a person describes them, or as the mesh shows them: what a plan is made for. */
import { type Fleet, type FleetCodec, noCodec } from '../scheduler/pipeline/fleet.ts';
import type { Rates } from './device-speed.ts';

export interface PlanDevice {
  readonly name: string;
  /** Undefined: go by what was measured. */
  readonly rates: Rates | undefined;
  /** Stages of a model as they were measured on it, by the model's name. */
  readonly segments: ReadonlyMap<string, readonly MeasuredText[]>;
  /** Milliseconds that the profiler foretells of each layer of the model that is planned, by its number; entry 0 is unused. */
  readonly foretoldMs?: readonly number[] | undefined;
  /** What stages may take; infinite when not said. */
  readonly memoryBytes: number;
  /** Milliseconds of its CPU, on the quota that computes. */
  readonly cpuMsPerByte: number;
  readonly cpuMsPerMessage: number;
  /** While it computes, above idling. */
  readonly activeWatts: number;
  readonly radioNanojoulesPerByte: number;
}

/** Layers as a person writes them: `1-8`. */
export interface MeasuredText {
  readonly layers: string;
  readonly ms: number;
}

/** One way of a link; milliseconds and bytes per millisecond. */
export interface PlanLink {
  readonly bytesPerMs: number;
  readonly latencyMs: number;
}

export interface PlanFleet {
  readonly devices: readonly PlanDevice[];
  /** A device, or the name of the place that is none. Undefined: frames are wherever they are needed. */
  readonly source: string | undefined;
  readonly sink: string | undefined;
  readonly codecs: readonly {
    readonly name: string;
    readonly ratio: number;
    readonly encodeMsPerByte: number;
    readonly decodeMsPerByte: number;
    readonly error: number;
  }[];
  /** Frames can't follow each other faster, whatever computes them: what source and sink do for each. */
  readonly frameMs: number;
  link(from: string, to: string): PlanLink;
}

/** Gigabit Ethernet. */
export const TYPICAL_LINK: PlanLink = { bytesPerMs: 117_500, latencyMs: 0.3 };

/** The place of frames and results that is none of the devices. */
export const CONTROLLER = 'controller';

export function fleetOf({ devices, source, sink, codecs, frameMs, link }: PlanFleet): Fleet {
  const names = devices.map(({ name }) => name);
  const isOutside = (end: string | undefined): boolean => end !== undefined && !names.includes(end);
  const all = isOutside(source) || isOutside(sink) ? [...names, CONTROLLER] : names;
  const place = (end: string | undefined): number | undefined =>
    end === undefined ? undefined : isOutside(end) ? names.length : names.indexOf(end);
  const matrix = (diagonal: number, value: (link: PlanLink) => number): Float64Array =>
    Float64Array.from({ length: all.length ** 2 }, (_, at) => {
      const [from, to] = [Math.floor(at / all.length), at % all.length];
      return from === to ? diagonal : value(link(all[from]!, all[to]!));
    });
  return {
    devices: devices.map(({ name, memoryBytes, cpuMsPerByte, cpuMsPerMessage, activeWatts, radioNanojoulesPerByte }) => ({
      name,
      memoryBytes,
      cpuPerByte: cpuMsPerByte,
      cpuPerMessage: cpuMsPerMessage,
      activeWatts,
      // Millijoules, as watts × milliseconds are.
      radioPerByte: radioNanojoulesPerByte * 1e-6,
    })),
    places: all.length,
    bandwidth: matrix(Number.POSITIVE_INFINITY, ({ bytesPerMs }) => bytesPerMs),
    latency: matrix(0, ({ latencyMs }) => latencyMs),
    source: place(source),
    sink: place(sink),
    framePeriod: frameMs,
    codecs: [
      noCodec(devices.length),
      ...codecs.map(
        ({ name, ratio, encodeMsPerByte, decodeMsPerByte, error }): FleetCodec => ({
          name,
          ratio,
          error,
          encodePerByte: devices.map(() => encodeMsPerByte),
          decodePerByte: devices.map(() => decodeMsPerByte),
        }),
      ),
    ],
    transfers: 'streamed',
  };
}
