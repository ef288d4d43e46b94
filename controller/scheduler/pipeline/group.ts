/**
 * The devices of one stage: one, or several that take turns with the frames (replicas). Their shares are those of their speeds, as the whole
 * model shows it; so shares do not depend on where the stage begins and ends, and a plan's parts can be priced one by one.
 */
import type { Workload } from './workload.ts';

export interface Group {
  /** Bit d: device d is one of them. */
  readonly mask: number;
  /** Ascending. */
  readonly members: readonly number[];
  /** Of each member: the part of all frames it computes, 1 together. */
  readonly shares: readonly number[];
}

export class Groups {
  readonly #speeds: readonly number[];
  readonly #known = new Map<number, Group>();

  constructor({ compute }: Workload) {
    const devices = compute[1]!.length;
    const times = Array.from({ length: devices }, (_, device) => compute.slice(1).reduce((sum, row) => sum + row[device]!, 0));
    // A model that costs nothing anywhere is shared evenly.
    this.#speeds = times.every((time) => time > 0) ? times.map((time) => 1 / time) : times.map(() => 1);
  }

  of(mask: number): Group {
    const known = this.#known.get(mask);
    if (known !== undefined) return known;
    const members = this.#speeds.flatMap((_, device) => ((mask >>> device) & 1 ? [device] : []));
    const total = members.reduce((sum, device) => sum + this.#speeds[device]!, 0);
    const group = { mask, members, shares: members.map((device) => this.#speeds[device]! / total) };
    this.#known.set(mask, group);
    return group;
  }

  ofDevices(devices: readonly number[]): Group {
    return this.of(devices.reduce((mask, device) => mask | (1 << device), 0));
  }
}

/** How many devices a mask has. */
export function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
