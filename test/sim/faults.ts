/**
 * What goes wrong in a simulated run, as data that the seed decides: it prints readably, and a run can be given one by hand.
 *
 *     +1.234 s crash d2 for 3.0 s
 *     +2.500 s cut d1 > d3 for 0.8 s            one direction; `cut d1 = d3` both
 *
 * Faults end at `calmMs`: what was taken away comes back by then, but for devices that stay away, and of those one fewer than there are. So a run that
 * keeps its promise can end.
 */
import type { Random } from '../../mesh/random.ts';
import { between, chance, pick } from './streams.ts';

export type Fault =
  /** The host loses its power; `forMs`: until it boots again with the same disk. Absent: it stays away. */
  | { readonly kind: 'crash'; readonly host: string; readonly forMs?: number }
  /** One of its processes is killed; the agent's come back at once (as systemd does), with the agent all its stages end. */
  | { readonly kind: 'kill'; readonly host: string; readonly what: 'agent' | 'stage' }
  /** Nothing of the host runs, the kernel lives; or one of its stages; or all of them, from when its agent is told next to retire some. */
  | { readonly kind: 'pause'; readonly host: string; readonly what: 'host' | 'stage' | 'retiring'; readonly forMs: number }
  | { readonly kind: 'cut'; readonly from: string; readonly to: string; readonly both: boolean; readonly forMs: number }
  /** Every delay is so much longer. */
  | { readonly kind: 'storm'; readonly factor: number; readonly forMs: number }
  /** The bus loses and repeats messages. */
  | { readonly kind: 'bus-weather'; readonly loss: number; readonly repetition: number; readonly forMs: number }
  /** `storeLost`: what it kept is gone when it is back. */
  | { readonly kind: 'broker-away'; readonly forMs: number; readonly storeLost: boolean }
  | { readonly kind: 'disk-full'; readonly host: string; readonly forMs: number }
  /** Its computing takes so much longer. */
  | { readonly kind: 'slow'; readonly host: string; readonly factor: number; readonly forMs: number }
  /** Its agent is told to take no new stages and to let the present ones leave; then it is stopped in order, and started again. */
  | { readonly kind: 'drain'; readonly host: string; readonly forMs: number }
  /** The controller process of a run ends in the middle of everything. */
  | { readonly kind: 'controller-crash'; readonly run: string };

export type TimedFault = Fault & { readonly atMs: number };

export interface FaultPlan {
  readonly devices: readonly string[];
  /** The controller's host, then the broker's: they are cut off or paused, not crashed. */
  readonly others: readonly string[];
  /** Faults begin after this time. */
  readonly fromMs: number;
  /** Faults are over. */
  readonly calmMs: number;
  /** How many on average. */
  readonly mean: number;
}

/** A drain that is to be looked at: nothing else happens for so long. */
const CALM_DRAIN_MS = 10_000;

/** In the order of their times. */
export function faultsOf(random: Random, plan: FaultPlan): TimedFault[] {
  const { fromMs, calmMs, devices } = plan;
  if (plan.mean === 0) return chance(random, 0.3) ? calmDrain(random, plan) : [];
  const count = Math.round(plan.mean * 2 * random.next());
  const gone = new Set<string>();
  const times = Array.from({ length: count }, () => between(random, fromMs, calmMs)).sort((a, b) => a - b);
  const faults = times.map((atMs) => ({ ...oneOf(random, plan, calmMs - atMs, gone), atMs }));
  return faults.flatMap((fault) => [fault, ...follower(random, fault, devices)]).sort((a, b) => a.atMs - b.atMs);
}

/** A device is drained and nothing else happens, if there is time for it. */
function calmDrain(random: Random, { devices, fromMs, calmMs }: FaultPlan): TimedFault[] {
  const latestMs = calmMs - CALM_DRAIN_MS;
  if (latestMs <= fromMs) return [];
  const atMs = between(random, fromMs, latestMs);
  return [{ kind: 'drain', host: pick(random, devices), forMs: calmMs - atMs, atMs }];
}

/** While the mesh is busy with a change, a stage stands still for a moment: what it does afterwards comes too late. */
function follower(random: Random, { kind, atMs }: TimedFault, devices: readonly string[]): TimedFault[] {
  if ((kind !== 'drain' && kind !== 'kill') || !chance(random, 0.3)) return [];
  const forMs = between(random, 100, 5_000);
  const what = chance(random, 0.5) ? 'stage' : 'retiring';
  return [{ kind: 'pause', host: pick(random, devices), what, forMs, atMs: atMs + between(random, 0, 600) }];
}

function oneOf(random: Random, { devices, others }: FaultPlan, leftMs: number, gone: Set<string>): Fault {
  const host = pick(random, devices);
  // Short ones are those that nobody should notice, long ones those that everybody must.
  const forMs = Math.min(leftMs, chance(random, 0.5) ? between(random, 1, 900) : between(random, 900, 15_000));
  switch (random.below(11)) {
    case 0:
    case 1: {
      const stays = chance(random, 0.4) && gone.size + 1 < devices.length;
      if (!stays) return { kind: 'crash', host, forMs };
      gone.add(host);
      return { kind: 'crash', host };
    }
    case 2:
      return { kind: 'kill', host, what: chance(random, 0.3) ? 'agent' : 'stage' };
    case 3: {
      const what = chance(random, 0.5) ? 'host' : 'stage';
      // The controller's host, too, may stand still; leases go on.
      const paused = what === 'host' && chance(random, 0.3) ? others[0]! : host;
      return { kind: 'pause', host: paused, what, forMs };
    }
    case 4:
    case 5: {
      const from = pick(random, [...devices, ...others]);
      const to = pick(
        random,
        [...devices, ...others].filter((other) => other !== from),
      );
      return { kind: 'cut', from, to, both: chance(random, 0.6), forMs };
    }
    case 6:
      return { kind: 'storm', factor: Math.round(between(random, 3, 60)), forMs };
    case 7:
      return { kind: 'bus-weather', loss: random.next() * 0.6, repetition: random.next() * 0.6, forMs };
    case 8:
      return chance(random, 0.6) ? { kind: 'broker-away', forMs, storeLost: chance(random, 0.3) } : { kind: 'disk-full', host, forMs };
    case 9:
      return { kind: 'drain', host, forMs: Math.min(leftMs, between(random, 900, 20_000)) };
    default:
      return { kind: 'slow', host, factor: Math.round(between(random, 2, 20)), forMs };
  }
}

export function formatFault(fault: TimedFault): string {
  return `+${(fault.atMs / 1000).toFixed(3)} s ${said(fault)}`;
}

function said(fault: Fault): string {
  const lasting = (ms: number | undefined): string => (ms === undefined ? ' for good' : ` for ${(ms / 1000).toFixed(3)} s`);
  switch (fault.kind) {
    case 'crash':
      return `crash ${fault.host}${lasting(fault.forMs)}`;
    case 'kill':
      return `kill ${fault.what === 'agent' ? 'the agent' : 'a stage'} on ${fault.host}`;
    case 'pause':
      return `pause ${{ host: '', stage: 'a stage on ', retiring: 'stages that are retired on ' }[fault.what]}${fault.host}${lasting(fault.forMs)}`;
    case 'cut':
      return `cut ${fault.from} ${fault.both ? '=' : '>'} ${fault.to}${lasting(fault.forMs)}`;
    case 'storm':
      return `storm: delays × ${fault.factor}${lasting(fault.forMs)}`;
    case 'bus-weather':
      return `bus loses ${percent(fault.loss)} and repeats ${percent(fault.repetition)}${lasting(fault.forMs)}`;
    case 'broker-away':
      return `broker away${lasting(fault.forMs)}${fault.storeLost ? ', its store is lost' : ''}`;
    case 'disk-full':
      return `disk full on ${fault.host}${lasting(fault.forMs)}`;
    case 'drain':
      return `drain ${fault.host}${lasting(fault.forMs)}`;
    case 'controller-crash':
      return `crash the controller of run ${fault.run}`;
    case 'slow':
      return `${fault.host} computes ${fault.factor} × as long${lasting(fault.forMs)}`;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
