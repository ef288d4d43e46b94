/** What stages and links did in a run: a part of its report each. Durations in milliseconds; what was not measured is null. */
import type { LinkMeasurement, StageMeasurement } from '../../mesh/measurement.ts';
import type { StageUse } from '../../mesh/stage.ts';
import type { Plan } from '../../partition/plan.ts';
import type { LoadedStage } from '../deploy/stage-order.ts';
import type { EpochRecord } from '../run/epoch-log.ts';
import { type Distribution, distributionOf, mean } from '../run/statistics.ts';

export interface StageReport {
  readonly id: string;
  readonly device: string;
  /** How many it computed; null when it could not be asked at the end. */
  readonly frames: number | null;
  readonly computeMs: Distribution | null;
  readonly queueMs: Distribution | null;
  readonly decodeMs: Distribution | null;
  readonly encodeMs: Distribution | null;
  readonly threads: number;
  /** Share of the time between the first frame's start and the last arrival that the session was computing. */
  readonly busyShare: number | null;
  readonly loadMs: number;
  readonly warmupMs: number;
  readonly cpuMs: number | null;
  readonly peakMemoryBytes: number | null;
}

export interface LinkReport {
  readonly from: string;
  readonly to: string;
  readonly rawBytesPerFrame: number | null;
  readonly wireBytesPerFrame: number | null;
  /** First byte offered → the consumer's word that it has the frame. */
  readonly transferMs: Distribution | null;
  /** Wire bytes over transfer times, 10⁶ bytes per second. */
  readonly mbPerS: number | null;
  /** What most frames were really encoded with. */
  readonly codec: string;
}

export interface MeasuredFacts {
  /** The last. */
  readonly plan: Plan;
  readonly epochs: readonly EpochRecord[];
  readonly stages: readonly StageMeasurement[];
  readonly loaded: ReadonlyMap<string, LoadedStage>;
  readonly uses: readonly StageUse[];
  readonly elapsedMs: number;
}

export function stageReport(id: string, device: string, facts: MeasuredFacts): StageReport {
  const measured = facts.stages.filter((entry) => entry.stage === id && entry.device === device);
  const loaded = facts.loaded.get(id)!;
  // Of each epoch; those whose device did not answer any more are missing.
  const uses = facts.uses.filter((use) => use.key.stage === id && deviceIn(facts, use.key.epoch, id) === device);
  const computeMs = measured.reduce((sum, entry) => sum + entry.computeUs, 0) / 1000;
  const distribution = (pick: (entry: StageMeasurement) => number) => distributionOf(measured.map((entry) => pick(entry) / 1000)) ?? null;
  return {
    id,
    device,
    frames: total(uses.map(({ frames }) => frames)),
    computeMs: distribution((entry) => entry.computeUs),
    queueMs: distribution((entry) => entry.queueUs),
    decodeMs: distribution((entry) => entry.decodeUs),
    encodeMs: distribution((entry) => entry.encodeUs),
    threads: loaded.threads,
    busyShare: measured.length === 0 || facts.elapsedMs <= 0 ? null : Math.min(1, computeMs / facts.elapsedMs),
    loadMs: loaded.loadMs,
    warmupMs: loaded.warmupMs,
    cpuMs: total(uses.map(({ cpuMs }) => cpuMs)),
    peakMemoryBytes: uses.reduce<number | null>(
      (most, { peakMemoryBytes: peak }) => (peak === undefined ? most : Math.max(most ?? 0, peak)),
      null,
    ),
  };
}

function deviceIn({ plan, epochs }: MeasuredFacts, epoch: bigint, stage: string): string | undefined {
  return [plan, ...epochs.map((past) => past.plan)].find((each) => each.epoch === epoch)?.stages.find(({ id }) => id === stage)?.device;
}

/** Null when nothing is known. */
function total(values: readonly (number | undefined)[]): number | null {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

export function linkReport(from: string, to: string, links: readonly LinkMeasurement[]): LinkReport {
  const measured = links.filter((entry) => entry.from === from && entry.to === to);
  const wireBytes = measured.reduce((sum, entry) => sum + entry.wireBytes, 0);
  const transferUs = measured.reduce((sum, entry) => sum + entry.transferUs, 0);
  return {
    from,
    to,
    rawBytesPerFrame: mean(measured.map((entry) => entry.rawBytes)) ?? null,
    wireBytesPerFrame: mean(measured.map((entry) => entry.wireBytes)) ?? null,
    transferMs: distributionOf(measured.map((entry) => entry.transferUs / 1000)) ?? null,
    mbPerS: transferUs > 0 ? wireBytes / transferUs : null,
    codec: mostFrequent(measured.map((entry) => entry.codec)) ?? 'none',
  };
}

function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
