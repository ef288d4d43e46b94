/**
 * What breaks in a run, and when, from a seed: at least one thing is killed, everything heals by itself after a while.
 *
 *     seed ──▶ 0.4 s pb killed, back after 1.2 s    1.9 s a stage on pa frozen for 2.0 s    3.0 s nats-server gone for 0.8 s
 *
 * Pure.
 */
import { Random } from '../../mesh/random.ts';

/** What is done to it until it heals. */
export type FaultKind =
  | 'kill agent'
  | 'kill stage'
  | 'freeze agent'
  | 'freeze stage'
  | 'restart nats-server'
  | 'restart nats-server without its store'
  | 'cut links'
  | 'silence links';

export interface Fault {
  readonly kind: FaultKind;
  /** From the first frame that came out, milliseconds. */
  readonly atMs: number;
  /** The device; with a nats-server, nobody. */
  readonly device: string | undefined;
  /** Until it heals, milliseconds; a stage that was killed is the business of the run. */
  readonly lastsMs: number;
}

const KILLS: readonly FaultKind[] = ['kill agent', 'kill stage'];
const OTHERS: readonly FaultKind[] = ['freeze agent', 'freeze stage', 'restart nats-server', 'restart nats-server without its store'];
const LINKS: readonly FaultKind[] = ['cut links', 'silence links'];

const FAULTS_MAX = 3;

/** `withLinks`: whether links can be broken here. `spanMs`: when the last fault begins at the latest. */
export function scheduleOf(seed: number, devices: readonly string[], spanMs: number, withLinks: boolean): readonly Fault[] {
  const random = new Random(seed);
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)]!;
  const count = 1 + random.below(FAULTS_MAX);
  const kinds = [pick(KILLS), ...Array.from({ length: count - 1 }, () => pick([...KILLS, ...OTHERS, ...(withLinks ? LINKS : [])]))];
  const faults = kinds.map((kind) => ({
    kind,
    atMs: random.below(spanMs),
    device: kind.includes('nats') ? undefined : pick(devices),
    lastsMs: kind === 'kill stage' ? 0 : 200 + random.below(3_000),
  }));
  return faults.sort((a, b) => a.atMs - b.atMs);
}

export function formatSchedule(faults: readonly Fault[]): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  return faults
    .map(({ kind, atMs, device, lastsMs }) => {
      const where = device === undefined ? '' : ` of ${device}`;
      return `${seconds(atMs)} ${kind}${where}${lastsMs === 0 ? '' : ` for ${seconds(lastsMs)}`}`;
    })
    .join(', ');
}
