/**
 * A pipeline: which closed set of layers each stage ends with, which devices compute it, and how what it hands on is encoded.
 *
 *     {} ══ stage on a ══▶ set 4 ── codec ──▶ ══ stage on b and c, taking turns ══▶ all layers
 *
 * `evaluate` says what it costs: the one price list (costs.ts), applied to a whole plan.
 */
import type { Costs, Span } from './costs.ts';
import { transferTime } from './fleet.ts';
import type { Group } from './group.ts';

export interface PipelineStage {
  /** Number of the set in the lattice. */
  readonly to: number;
  readonly group: Group;
  /** Number of the fleet's codec for what goes to the next stage; 0 for the last stage. */
  readonly codec: number;
}

/** At least one stage; the sets grow, the last is all layers. Neighbouring stages have no device in common. */
export type PipelinePlan = readonly PipelineStage[];

export interface Evaluation {
  /** Time between frames, when they come as fast as they can. */
  readonly period: number;
  /** Of a frame alone in the pipeline; over the slowest of the devices that take turns. */
  readonly latency: number;
  /** Per frame, above idling. */
  readonly energy: number;
  /** Sum of what codecs add to the relative error. */
  readonly error: number;
  /** Whether every device has room for its stages. */
  readonly fits: boolean;
  readonly stages: readonly EvaluatedStage[];
  readonly hops: readonly EvaluatedHop[];
  /** What the period is the time of. */
  readonly limit: Limit;
}

export interface EvaluatedStage {
  readonly from: number;
  readonly to: number;
  readonly devices: readonly EvaluatedDevice[];
}

export interface EvaluatedDevice {
  readonly device: number;
  /** Part of the frames. */
  readonly share: number;
  /** For one frame: layers, and all it does for the stage. */
  readonly compute: number;
  readonly time: number;
  readonly memoryBytes: number;
}

/** Between two devices, or the source or sink and a device. */
export interface EvaluatedHop {
  readonly from: number | 'source';
  readonly to: number | 'sink';
  readonly codec: number;
  /** Part of the frames that go this way. */
  readonly share: number;
  /** Of one frame. */
  readonly rawBytes: number;
  readonly wireBytes: number;
  readonly time: number;
}

export type Limit =
  | { readonly kind: 'device'; readonly stage: number; readonly device: number }
  | { readonly kind: 'hop'; readonly stage: number }
  | { readonly kind: 'source' | 'sink'; readonly stage: number }
  | { readonly kind: 'frames' };

/** Stages with the set they begin at and the codec of what comes in. */
export function spansOf(plan: PipelinePlan): readonly Span[] {
  return plan.map(({ to, codec }, index) => ({
    from: plan[index - 1]?.to ?? 0,
    to,
    codecIn: plan[index - 1]?.codec ?? 0,
    codecOut: codec,
  }));
}

export function evaluate(costs: Costs, plan: PipelinePlan): Evaluation {
  const { lattice, fleet } = costs;
  const spans = spansOf(plan);
  const stages = spans.map(({ from, to, codecIn, codecOut }, index): EvaluatedStage => {
    const { members, shares } = plan[index]!.group;
    const memoryBytes = lattice.memoryBytes(from, to);
    const devices = members.map((device, at) => ({
      device,
      share: shares[at]!,
      compute: lattice.compute(from, to, device),
      time: costs.deviceTime(from, to, device, codecIn, codecOut),
      memoryBytes,
    }));
    return { from, to, devices };
  });
  return {
    ...periodOf(costs, plan, spans),
    latency: latencyOf(costs, plan, spans),
    energy: energyOf(costs, plan, spans),
    error: plan.slice(0, -1).reduce((sum, { codec }) => sum + fleet.codecs[codec]!.error, 0),
    fits: hasRoom(costs, stages),
    stages,
    hops: hopsOf(costs, plan, spans),
  };
}

function hasRoom({ fleet }: Costs, stages: readonly EvaluatedStage[]): boolean {
  const taken = new Map<number, number>();
  for (const { devices } of stages) {
    for (const { device, memoryBytes } of devices) taken.set(device, (taken.get(device) ?? 0) + memoryBytes);
  }
  return [...taken].every(([device, memoryBytes]) => memoryBytes <= fleet.devices[device]!.memoryBytes);
}

function periodOf(costs: Costs, plan: PipelinePlan, spans: readonly Span[]): Pick<Evaluation, 'period' | 'limit'> {
  const blocking = costs.fleet.transfers === 'blocking';
  /** Of each device, over all stages it has a part in. */
  const busy = new Map<number, number>();
  let period = costs.fleet.framePeriod;
  let limit: Limit = period > 0 ? { kind: 'frames' } : { kind: 'device', stage: 0, device: plan[0]!.group.members[0]! };
  const raise = (time: number, what: Limit): void => {
    if (time > period) [period, limit] = [time, what];
  };
  for (const [stage, span] of spans.entries()) {
    const { group, codec, to } = plan[stage]!;
    const [before, next] = [plan[stage - 1], plan[stage + 1]];
    let blocked = 0;
    if (blocking && before !== undefined) blocked += costs.receiving(span.from, before.codec, before.group, group);
    if (blocking && next !== undefined) blocked += costs.sending(to, codec, group, next.group);
    for (const [at, device] of group.members.entries()) {
      const time = (busy.get(device) ?? 0) + costs.devicePeriod(span, device, group.shares[at]!) + blocked;
      busy.set(device, time);
      raise(time, { kind: 'device', stage, device });
    }
    if (blocking) continue;
    raise(costs.sourcePeriod(span.from, to, group), { kind: 'source', stage });
    raise(costs.sinkPeriod(span.from, to, group), { kind: 'sink', stage });
    if (next !== undefined) raise(costs.hopPeriod(to, codec, group, next.group), { kind: 'hop', stage });
  }
  return { period, limit };
}

function latencyOf(costs: Costs, plan: PipelinePlan, spans: readonly Span[]): number {
  let latency = 0;
  for (const [index, { from, to, codecIn, codecOut }] of spans.entries()) {
    const { group, codec } = plan[index]!;
    const next = plan[index + 1]?.group.members ?? [];
    latency += Math.max(
      ...group.members.map((device) => costs.deviceTime(from, to, device, codecIn, codecOut) + costs.endsTime(from, to, device)),
    );
    if (next.length > 0) latency += Math.max(...group.members.flatMap((p) => next.map((q) => costs.hopTime(to, codec, p, q))));
  }
  return latency;
}

function energyOf(costs: Costs, plan: PipelinePlan, spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to, codecIn, codecOut }, index) => {
    const { members, shares } = plan[index]!.group;
    return sum + members.reduce((part, device, at) => part + shares[at]! * costs.stageEnergy(from, to, device, codecIn, codecOut), 0);
  }, 0);
}

function hopsOf(costs: Costs, plan: PipelinePlan, spans: readonly Span[]): EvaluatedHop[] {
  const { lattice, fleet } = costs;
  return spans.flatMap(({ from, to }, index): EvaluatedHop[] => {
    const { group, codec } = plan[index]!;
    const next = plan[index + 1]?.group;
    const [input, output] = [lattice.inputBytes(from, to), lattice.outputBytes(from, to)];
    const { source, sink } = fleet;
    const end = (device: number, share: number, bytes: number, way: Pick<EvaluatedHop, 'from' | 'to' | 'time'>): EvaluatedHop[] => {
      const place = way.from === 'source' ? source : sink;
      if (bytes === 0 || place === undefined || place === device) return [];
      return [{ ...way, codec: 0, share, rawBytes: bytes, wireBytes: bytes }];
    };
    return group.members.flatMap((p, at) => {
      const share = group.shares[at]!;
      const inTime = source === undefined ? 0 : transferTime(fleet, input, source, p);
      const outTime = sink === undefined ? 0 : transferTime(fleet, output, p, sink);
      return [
        ...end(p, share, input, { from: 'source', to: p, time: inTime }),
        ...(next?.members ?? []).map((q, other) => ({
          from: p,
          to: q,
          codec,
          share: share * next!.shares[other]!,
          rawBytes: lattice.cutBytes[to]!,
          wireBytes: costs.wireBytes(to, codec),
          time: costs.hopTime(to, codec, p, q),
        })),
        ...end(p, share, output, { from: p, to: 'sink', time: outTime }),
      ];
    });
  });
}
