/**
 * A plan that works, and whether one stage elsewhere would make it faster.
 *
 *     pi1   a b     12 ms per frame ◀── the bottleneck        pi1   a       8 ms ◀── the bottleneck
 *     pi2   c        7 ms                              ──▶    pi2   c       7 ms
 *     pi3            (came back)                              pi3   b       4 ms
 *
 *     pi1 ══ 40 ms per frame ══▶ pi2   a link that has collapsed is a bottleneck like any other: a stage at one of its ends leaves
 *
 * One move at a time: plans that need more are reached one after the other, each of which pays. By compute times with the model of seating.ts, and
 * by what links take for a frame; what is predicted is a proportion, to be applied to what is measured.
 */
import { SeatCosts, type SeatDevice, type SeatedStage } from './seating.ts';

/** What travels between two stages, or from the source, or to the sink, whatever seats they have. */
export interface SeatRoute {
  readonly from: string;
  readonly to: string;
  /** Of a frame, on the wire. */
  readonly bytes: number;
}

export interface Links {
  readonly routes: readonly SeatRoute[];
  /** Between devices, source and sink: bytes per millisecond. Undefined: not known, and taken to keep nobody waiting. */
  readonly speed: (from: string, to: string) => number | undefined;
}

export interface Improvement {
  readonly stage: string;
  readonly from: string;
  readonly to: string;
  /** Bottleneck after over bottleneck before, below 1. */
  readonly ratio: number;
}

/** Bottlenecks that differ by less are equal: then it is the device with less to do, which is the better guess where links are not known. */
const TIE = 0.01;

/** The best move; undefined when none makes the bottleneck smaller. Replicas stay: they share their work already. Deterministic. */
export function improve(stages: readonly SeatedStage[], devices: readonly SeatDevice[], links: Links): Improvement | undefined {
  const costs = new SeatCosts(stages, devices);
  const before = bottleneckOf(stages, costs, links).ms;
  const moves = stages.flatMap((stage) => {
    const [seat, ...others] = stage.seats;
    if (others.length > 0) return [];
    return devices
      .filter(({ name, freeBytes = Number.POSITIVE_INFINITY }) => name !== seat!.device && (stage.memoryBytes ?? 0) <= freeBytes)
      .map(({ name }) => {
        const moved = stages.map((each) => (each === stage ? { ...each, seats: [{ device: name, share: 1 }] } : each));
        const { ms, loads } = bottleneckOf(moved, costs, links);
        return { stage: stage.id, from: seat!.device, to: name, ratio: ms / before, thereMs: loads.get(name)! };
      });
  });
  const least = Math.min(...moves.map(({ ratio }) => ratio));
  if (!(least < 1 - TIE)) return undefined;
  const equals = moves.filter(({ ratio }) => ratio <= least * (1 + TIE));
  const { thereMs: _, ...best } = equals.reduce((a, b) => (b.thereMs < a.thereMs ? b : a));
  return best;
}

/** `loads`: device → milliseconds per frame. */
function bottleneckOf(stages: readonly SeatedStage[], costs: SeatCosts, links: Links): { ms: number; loads: Map<string, number> } {
  const loads = new Map<string, number>();
  const seatsOf = new Map<string, SeatedStage['seats']>();
  for (const { id, seats } of stages) {
    const shares = seats.reduce((sum, { share }) => sum + share, 0);
    const parts = seats.map(({ device, share }) => ({ device, share: share / shares }));
    seatsOf.set(id, parts);
    for (const { device, share } of parts) loads.set(device, (loads.get(device) ?? 0) + costs.computeMs(id, share, device));
  }
  return { ms: Math.max(...loads.values(), ...linkLoads(seatsOf, links)), loads };
}

/** Milliseconds per frame of each link. Stages on one device have none between them. */
function linkLoads(seatsOf: ReadonlyMap<string, SeatedStage['seats']>, { routes, speed }: Links): number[] {
  const loads = new Map<string, number>();
  for (const { from, to, bytes } of routes) {
    // Source and sink are places like devices.
    for (const p of seatsOf.get(from) ?? [{ device: from, share: 1 }]) {
      for (const q of seatsOf.get(to) ?? [{ device: to, share: 1 }]) {
        const ms = p.device === q.device ? 0 : (p.share * q.share * bytes) / (speed(p.device, q.device) ?? Number.POSITIVE_INFINITY);
        const link = `${p.device} ${q.device}`;
        loads.set(link, (loads.get(link) ?? 0) + ms);
      }
    }
  }
  return [...loads.values()];
}
