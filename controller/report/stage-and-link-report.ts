/** What stages and links did in a run: a part of its report each. Durations in milliseconds; what was not measured is null. */
import type { StageUse } from '../../mesh/stage.ts';
import type { Plan } from '../../partition/plan.ts';
import type { LoadedStage } from '../deploy/stage-order.ts';
import type { EpochRecord } from '../run/epoch-log.ts';
import type { LinkSummary, MeasureSummary } from '../run/measure-summary.ts';
import type { Sampled } from '../run/sampled.ts';
import type { Distribution } from '../run/statistics.ts';

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
  readonly measured: Pick<MeasureSummary, 'stage'>;
  readonly loaded: ReadonlyMap<string, LoadedStage>;
  readonly uses: readonly StageUse[];
  readonly elapsedMs: number;
}

export function stageReport(id: string, device: string, facts: MeasuredFacts): StageReport {
  const measured = facts.measured.stage(id, device);
  const loaded = facts.loaded.get(id)!;
  // Of each epoch; those whose device did not answer any more are missing.
  const uses = facts.uses.filter((use) => use.key.stage === id && deviceIn(facts, use.key.epoch, id) === device);
  const distribution = (times: Sampled | undefined): Distribution | null => times?.distribution(1000) ?? null;
  return {
    id,
    device,
    frames: total(uses.map(({ frames }) => frames)),
    computeMs: distribution(measured?.compute),
    queueMs: distribution(measured?.queue),
    decodeMs: distribution(measured?.decode),
    encodeMs: distribution(measured?.encode),
    threads: loaded.threads,
    busyShare: measured === undefined || facts.elapsedMs <= 0 ? null : Math.min(1, measured.compute.sum / 1000 / facts.elapsedMs),
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

export function linkReport(from: string, to: string, measured: LinkSummary | undefined): LinkReport {
  if (measured === undefined) {
    return { from, to, rawBytesPerFrame: null, wireBytesPerFrame: null, transferMs: null, mbPerS: null, codec: 'none' };
  }
  const { rawBytes, wireBytes, transfer, codec } = measured;
  return {
    from,
    to,
    rawBytesPerFrame: rawBytes / transfer.count,
    wireBytesPerFrame: wireBytes / transfer.count,
    transferMs: transfer.distribution(1000) ?? null,
    mbPerS: transfer.sum > 0 ? wireBytes / transfer.sum : null,
    codec: codec ?? 'none',
  };
}
