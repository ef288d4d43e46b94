/**
 * The device just before a run begins: what it does anyway, which is not the run's.
 *
 *     files, page cache ──▶ look ══ a moment in which nothing of the run's happens ══▶ look ──▶ process
 */
import { type Clock, pause } from '../../mesh/clock.ts';
import { optional } from '../../mesh/wire-number.ts';
import { BusyMeter } from '../busy-meter.ts';
import { averageW } from '../sensors.ts';
import type { EnergyMeter } from './energy.ts';

/** The kernel counts CPU time in ticks of 10 ms: long enough for a few of them, short beside a run. */
const BUSY_MS = 250;
/** Counters of energy move in steps. */
const POWER_MS = 1_000;

export interface AtRest {
  /** CPU time per time, of the whole machine. Absent where nothing tells, as is `watts`. */
  readonly busyCores?: number;
  readonly watts?: number;
}

/** `root`: `/`, or a folder that stands for it in a test. Rejects with the signal's reason. */
export async function lookAtRest(energy: EnergyMeter, root: string, clock: Clock, signal: AbortSignal): Promise<AtRest> {
  const busy = new BusyMeter(root);
  const startMs = clock.now();
  busy.read(startMs);
  const before = energy.read(startMs);
  await pause(clock, before === undefined ? BUSY_MS : POWER_MS, signal);
  const endMs = clock.now();
  const after = energy.read(endMs);
  const watts =
    before === undefined || after === undefined ? undefined : averageW({ joules: before, nowMs: startMs }, { joules: after, nowMs: endMs });
  return { ...optional('busyCores', busy.read(endMs)), ...optional('watts', watts) };
}
