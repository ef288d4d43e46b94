/**
 * Devices that can stand for each other: as fast, as large, as well connected. Of such ones a planner uses the first first; all other orders
 * give the same plans under other names.
 */
import type { Fleet } from './fleet.ts';
import type { Workload } from './workload.ts';

/** Of each device: a mask of those before it that are like it. */
export function alikeBefore(workload: Workload, fleet: Fleet): readonly number[] {
  return fleet.devices.map((_, device) => {
    let mask = 0;
    for (let other = 0; other < device; other += 1) if (areAlike(workload, fleet, other, device)) mask |= 1 << other;
    return mask;
  });
}

function areAlike({ compute, segments }: Workload, fleet: Fleet, a: number, b: number): boolean {
  const { devices, codecs, source, sink, places, bandwidth, latency } = fleet;
  if ([a, b].some((device) => device === source || device === sink)) return false;
  const [first, second] = [devices[a]!, devices[b]!];
  const same =
    first.memoryBytes === second.memoryBytes &&
    first.cpuPerByte === second.cpuPerByte &&
    first.cpuPerMessage === second.cpuPerMessage &&
    first.activeWatts === second.activeWatts &&
    first.radioPerByte === second.radioPerByte &&
    compute.slice(1).every((row) => row[a] === row[b]) &&
    [...(segments ?? new Map()).values()].every((times) => times[a] === times[b]) &&
    codecs.every(({ encodePerByte, decodePerByte }) => encodePerByte[a] === encodePerByte[b] && decodePerByte[a] === decodePerByte[b]);
  if (!same) return false;
  const sameWay = (at: number, as: number): boolean => bandwidth[at] === bandwidth[as] && latency[at] === latency[as];
  for (let place = 0; place < places; place += 1) {
    if (place === a || place === b) continue;
    if (!sameWay(a * places + place, b * places + place) || !sameWay(place * places + a, place * places + b)) return false;
  }
  return sameWay(a * places + b, b * places + a);
}
