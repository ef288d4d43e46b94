/**
 * What would help most: the plan is made again with one thing changed, for each thing that could be.
 *
 *     one more device like pi-1 → 16.2 frames/s (+31 %)        links twice as fast → +4 %        …
 */
import { DEVICES_MAX } from '../scheduler/pipeline/planner.ts';
import { CONTROLLER, type PlanDevice, type PlanFleet } from './plan-fleet.ts';
import { type PlannedModel, type PlanWish, planModel } from './plan-model.ts';

export interface WhatIf {
  readonly change: string;
  /** Of the best pipeline then: what is minimized. */
  readonly value: number;
  /** Of the best pipeline now ÷ that. */
  readonly gain: number;
}

interface Change {
  readonly change: string;
  readonly fleet: PlanFleet;
}

/**
 * The largest gain first. `value`: of the best pipeline as it is. All plans that are compared are quick ones, the one as it is, too; `pause` is waited
 * for between them and may throw.
 */
export async function whatIf(
  model: PlannedModel,
  fleet: PlanFleet,
  wish: PlanWish,
  value: number,
  pause: () => Promise<void>,
): Promise<readonly WhatIf[]> {
  const quick = (changed: PlanFleet): number | undefined => planModel(model, changed, { ...wish, top: 1 }, 'quick').plans[0]?.value;
  const now = quick(fleet) ?? value;
  const found: WhatIf[] = [];
  for (const { change, fleet: changed } of changes(fleet)) {
    await pause();
    // What was possible before still is.
    const then = Math.min(now, quick(changed) ?? now);
    const gain = then > 0 ? now / then : 1;
    found.push({ change, value: value / gain, gain });
  }
  return found.sort((a, b) => b.gain - a.gain);
}

function changes(fleet: PlanFleet): Change[] {
  const { devices, link } = fleet;
  const kinds = firstOfEachKind(devices);
  const replaced = (name: string, by: (device: PlanDevice) => PlanDevice): PlanFleet => ({
    ...fleet,
    devices: devices.map((device) => (device.name === name ? by(device) : device)),
  });
  return [
    ...(devices.length === DEVICES_MAX ? [] : kinds).map((device) => ({
      change: `one more device like ${device.name}`,
      fleet: withOneMore(fleet, device),
    })),
    ...kinds.map((device) => ({ change: `${device.name} twice as fast`, fleet: replaced(device.name, twiceAsFast) })),
    {
      change: 'every link twice as fast',
      fleet: {
        ...fleet,
        link: (from, to) => {
          const { bytesPerMs, latencyMs } = link(from, to);
          return { bytesPerMs: bytesPerMs * 2, latencyMs: latencyMs / 2 };
        },
      },
    },
    ...(devices.some(({ memoryBytes }) => Number.isFinite(memoryBytes))
      ? [
          {
            change: 'twice the memory everywhere',
            fleet: { ...fleet, devices: devices.map((device) => ({ ...device, memoryBytes: device.memoryBytes * 2 })) },
          },
        ]
      : []),
  ];
}

/** Connected as the one it is like. */
function withOneMore(fleet: PlanFleet, like: PlanDevice): PlanFleet {
  const name = `another ${like.name}`;
  const known = (end: string): string => (end === name ? like.name : end);
  const neighbour = fleet.devices.find((device) => device.name !== like.name)?.name;
  return {
    ...fleet,
    devices: [...fleet.devices, { ...like, name }],
    link: (from, to) => {
      const [a, b] = [known(from), known(to)];
      if (a !== b) return fleet.link(a, b);
      // Between the two of a kind: as to any other device.
      return fleet.link(a, neighbour ?? CONTROLLER);
    },
  };
}

function twiceAsFast(device: PlanDevice): PlanDevice {
  const { rates, segments } = device;
  return {
    ...device,
    rates:
      rates === undefined ? undefined : { gmacPerS: rates.gmacPerS * 2, memoryGBPerS: rates.memoryGBPerS * 2, layerMs: rates.layerMs / 2 },
    segments: new Map([...segments].map(([model, times]) => [model, times.map(({ layers, ms }) => ({ layers, ms: ms / 2 }))])),
    cpuMsPerByte: device.cpuMsPerByte / 2,
    cpuMsPerMessage: device.cpuMsPerMessage / 2,
  };
}

/** Devices that differ in more than their name. */
function firstOfEachKind(devices: readonly PlanDevice[]): PlanDevice[] {
  const kinds = new Map<string, PlanDevice>();
  for (const device of devices) {
    const { name: _, segments, ...rest } = device;
    const key = JSON.stringify([rest, [...segments]], (_key, value: unknown) => (value === Number.POSITIVE_INFINITY ? 'all' : value));
    if (!kinds.has(key)) kinds.set(key, device);
  }
  return [...kinds.values()];
}
