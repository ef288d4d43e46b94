/**
 * Prices of a pipeline's parts: a stage on its devices, and the hop to the next. Planners add them up, or take the largest; evaluate.ts does
 * the same with a whole plan. There is no other place where time or energy of a stage is computed.
 *
 *     source ─▶│ from ═══ stage on a group ═══ to │─ hop, codec ─▶│ to ═══ next group ═══ …│─▶ sink
 */
import { type Fleet, occupation, transferTime } from './fleet.ts';
import type { Group } from './group.ts';
import type { Lattice } from './lattice.ts';

/** Two sets of a lattice, the codecs of what comes in and what goes out. */
export interface Span {
  readonly from: number;
  readonly to: number;
  readonly codecIn: number;
  readonly codecOut: number;
}

export class Costs {
  readonly lattice: Lattice;
  readonly fleet: Fleet;

  constructor(lattice: Lattice, fleet: Fleet) {
    this.lattice = lattice;
    this.fleet = fleet;
  }

  /** Time of a device's quota for one frame of the stage: compute, decode, encode, serialization. */
  deviceTime(from: number, to: number, device: number, codecIn: number, codecOut: number): number {
    const { lattice, fleet } = this;
    const { cpuPerByte, cpuPerMessage } = fleet.devices[device]!;
    let time = lattice.compute(from, to, device);
    if (from !== 0) {
      const { ratio, decodePerByte } = fleet.codecs[codecIn]!;
      time += lattice.cutBytes[from]! * (decodePerByte[device]! + ratio * cpuPerByte) + cpuPerMessage;
    }
    if (to !== lattice.last) {
      const { ratio, encodePerByte } = fleet.codecs[codecOut]!;
      time += lattice.cutBytes[to]! * (encodePerByte[device]! + ratio * cpuPerByte) + cpuPerMessage;
    }
    const input = fleet.source === undefined || fleet.source === device ? 0 : lattice.inputBytes(from, to);
    const output = fleet.sink === undefined || fleet.sink === device ? 0 : lattice.outputBytes(from, to);
    if (input > 0) time += input * cpuPerByte + cpuPerMessage;
    if (output > 0) time += output * cpuPerByte + cpuPerMessage;
    return time;
  }

  /** How long a device of the stage works for a frame of the run, when it computes this share of the frames; what it hands to other stages apart. */
  devicePeriod({ from, to, codecIn, codecOut }: Span, device: number, share: number): number {
    const ends = this.fleet.transfers === 'blocking' ? this.endsTime(from, to, device) : 0;
    return share * (this.deviceTime(from, to, device, codecIn, codecOut) + ends);
  }

  /** The longest of what a stage keeps busy, per frame of the run: its devices, the way from the source, the way to the sink. */
  stagePeriod(span: Span, group: Group): number {
    const { members, shares } = group;
    let longest = 0;
    for (let index = 0; index < members.length; index += 1) {
      longest = Math.max(longest, this.devicePeriod(span, members[index]!, shares[index]!));
    }
    if (this.fleet.transfers === 'blocking') return longest;
    return Math.max(longest, this.sourcePeriod(span.from, span.to, group), this.sinkPeriod(span.from, span.to, group));
  }

  /** How long the source's interface is taken by the stage's part of the inputs, per frame of the run. */
  sourcePeriod(from: number, to: number, { members, shares }: Group): number {
    const { source } = this.fleet;
    const bytes = source === undefined ? 0 : this.lattice.inputBytes(from, to);
    if (source === undefined || bytes === 0) return 0;
    return members.reduce((sum, device, at) => sum + shares[at]! * occupation(this.fleet, bytes, source, device), 0);
  }

  /** How long the sink's is taken by the stage's results. */
  sinkPeriod(from: number, to: number, { members, shares }: Group): number {
    const { sink } = this.fleet;
    const bytes = sink === undefined ? 0 : this.lattice.outputBytes(from, to);
    if (sink === undefined || bytes === 0) return 0;
    return members.reduce((sum, device, at) => sum + shares[at]! * occupation(this.fleet, bytes, device, sink), 0);
  }

  /** How long the busiest interface is taken by what the groups hand over, per frame of the run. */
  hopPeriod(to: number, codec: number, from: Group, next: Group): number {
    return Math.max(this.sending(to, codec, from, next), this.receiving(to, codec, from, next));
  }

  /** One frame from its device to the next stage's. */
  hopTime(to: number, codec: number, p: number, q: number): number {
    return transferTime(this.fleet, this.wireBytes(to, codec), p, q);
  }

  wireBytes(to: number, codec: number): number {
    return this.lattice.cutBytes[to]! * this.fleet.codecs[codec]!.ratio;
  }

  /** Energy of one frame of the stage on a device, above idling. */
  stageEnergy(from: number, to: number, device: number, codecIn: number, codecOut: number): number {
    const { fleet, lattice } = this;
    const { activeWatts, radioPerByte } = fleet.devices[device]!;
    let bytes = 0;
    if (fleet.source !== undefined && fleet.source !== device) bytes += lattice.inputBytes(from, to);
    if (fleet.sink !== undefined && fleet.sink !== device) bytes += lattice.outputBytes(from, to);
    if (from !== 0) bytes += this.wireBytes(from, codecIn);
    if (to !== lattice.last) bytes += this.wireBytes(to, codecOut);
    return this.deviceTime(from, to, device, codecIn, codecOut) * activeWatts + bytes * radioPerByte;
  }

  /** Of one frame: the source's transfer to the stage and the stage's to the sink. */
  endsTime(from: number, to: number, device: number): number {
    const { fleet, lattice } = this;
    const [input, output] = [lattice.inputBytes(from, to), lattice.outputBytes(from, to)];
    let time = 0;
    if (fleet.source !== undefined && input > 0) time += transferTime(fleet, input, fleet.source, device);
    if (fleet.sink !== undefined && output > 0) time += transferTime(fleet, output, device, fleet.sink);
    return time;
  }

  /** How long the busiest sender of a hop is taken, per frame of the run. */
  sending(to: number, codec: number, from: Group, next: Group): number {
    const bytes = this.wireBytes(to, codec);
    let most = 0;
    for (let index = 0; index < from.members.length; index += 1) {
      let time = 0;
      for (let other = 0; other < next.members.length; other += 1) {
        time += next.shares[other]! * occupation(this.fleet, bytes, from.members[index]!, next.members[other]!);
      }
      most = Math.max(most, from.shares[index]! * time);
    }
    return most;
  }

  /** How long its busiest receiver is. */
  receiving(to: number, codec: number, from: Group, next: Group): number {
    const bytes = this.wireBytes(to, codec);
    let most = 0;
    for (let other = 0; other < next.members.length; other += 1) {
      let time = 0;
      for (let index = 0; index < from.members.length; index += 1) {
        time += from.shares[index]! * occupation(this.fleet, bytes, from.members[index]!, next.members[other]!);
      }
      most = Math.max(most, next.shares[other]! * time);
    }
    return most;
  }
}
