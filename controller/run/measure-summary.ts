/**
 * What was measured in a run, in a memory that does not grow with it: what the report needs. Every single row is in the store.
 *
 *     rows of frames, stages, links ──▶ counts and sums (exact), samples (ranks), a line of peaks
 */
import type { FrameMeasurement, LinkMeasurement, StageMeasurement } from '../../mesh/measurement.ts';
import type { MeasuredRows } from '../store/records.ts';
import { Peaks } from './peaks.ts';
import { Sampled } from './sampled.ts';

/** Latencies for a chart: more points than pixels show nothing more. */
const POINTS_MAX = 800;

/** Microseconds. */
export interface StageSummary {
  readonly compute: Sampled;
  readonly queue: Sampled;
  readonly decode: Sampled;
  readonly encode: Sampled;
  /** Of the speed probe, a value for each frame; none when there is no probe. */
  readonly probe: Sampled;
}

export class LinkSummary {
  /** Microseconds. */
  readonly transfer = new Sampled();
  /** Of all frames together. */
  rawBytes = 0;
  wireBytes = 0;
  readonly #codecs = new Map<string, number>();

  add({ rawBytes, wireBytes, transferUs, codec }: LinkMeasurement): void {
    this.rawBytes += rawBytes;
    this.wireBytes += wireBytes;
    this.transfer.add(transferUs);
    this.#codecs.set(codec, (this.#codecs.get(codec) ?? 0) + 1);
  }

  /** What most frames were really encoded with. */
  get codec(): string | undefined {
    return [...this.#codecs].sort(([, a], [, b]) => b - a)[0]?.[0];
  }
}

/** Milliseconds since the run's first frame. */
export class FrameSummary {
  readonly latencyMs = new Sampled();
  readonly peaks = new Peaks(POINTS_MAX);
  firstStartMs = Number.POSITIVE_INFINITY;
  firstArrivalMs = Number.POSITIVE_INFINITY;
  lastArrivalMs = Number.NEGATIVE_INFINITY;

  add({ startMs, latencyMs }: Pick<FrameMeasurement, 'startMs' | 'latencyMs'>): void {
    const arrivalMs = startMs + latencyMs;
    this.latencyMs.add(latencyMs);
    this.peaks.add(latencyMs);
    this.firstStartMs = Math.min(this.firstStartMs, startMs);
    this.firstArrivalMs = Math.min(this.firstArrivalMs, arrivalMs);
    this.lastArrivalMs = Math.max(this.lastArrivalMs, arrivalMs);
  }

  get count(): number {
    return this.latencyMs.count;
  }
}

export class MeasureSummary {
  readonly frames = new FrameSummary();
  readonly #stages = new Map<string, StageSummary>();
  readonly #links = new Map<string, LinkSummary>();

  add({ frames, stages, links }: MeasuredRows): void {
    for (const row of frames) this.frames.add(row);
    for (const row of stages) this.#addStage(row);
    for (const row of links) {
      const key = `${row.from} ${row.to}`;
      const link = this.#links.get(key) ?? new LinkSummary();
      this.#links.set(key, link);
      link.add(row);
    }
  }

  /** Undefined: nothing was measured there. */
  stage(id: string, device: string): StageSummary | undefined {
    return this.#stages.get(`${id} ${device}`);
  }

  /** Undefined: nothing was measured there. */
  link(from: string, to: string): LinkSummary | undefined {
    return this.#links.get(`${from} ${to}`);
  }

  /** What it needs of memory: numbers. */
  get size(): number {
    const stages = [...this.#stages.values()].flatMap(({ compute, queue, decode, encode, probe }) => [
      compute,
      queue,
      decode,
      encode,
      probe,
    ]);
    const links = [...this.#links.values()].map(({ transfer }) => transfer);
    return [...stages, ...links, this.frames.latencyMs].reduce((sum, { size }) => sum + size, this.frames.peaks.points.length);
  }

  #addStage({ stage, device, computeUs, queueUs, decodeUs, encodeUs, probeUs }: StageMeasurement): void {
    const summary = this.#stages.get(`${stage} ${device}`) ?? {
      compute: new Sampled(),
      queue: new Sampled(),
      decode: new Sampled(),
      encode: new Sampled(),
      probe: new Sampled(),
    };
    this.#stages.set(`${stage} ${device}`, summary);
    summary.compute.add(computeUs);
    summary.queue.add(queueUs);
    summary.decode.add(decodeUs);
    summary.encode.add(encodeUs);
    if (probeUs !== undefined) summary.probe.add(probeUs);
  }
}
