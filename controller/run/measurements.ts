/**
 * Collects what a run measured: batches from the stages over the bus, transfers of the source, frames at the sink. Batches are small and
 * come beside the data, which never waits for them. Kept only until somebody takes them: a run has no last frame.
 */
import type { Bus } from '../../mesh/bus/bus.ts';
import { decodeMeasureBatch } from '../../mesh/bus/messages.ts';
import type { Subjects } from '../../mesh/bus/subjects.ts';
import type { Clock } from '../../mesh/clock.ts';
import { type Epoch, SOURCE } from '../../mesh/frame.ts';
import type { Transfer } from '../../mesh/link/transfers.ts';
import {
  type FrameMeasurement,
  type LinkMeasurement,
  linkMeasurementsOf,
  type StageMeasurement,
  stageMeasurementsOf,
} from '../../mesh/measurement.ts';
import type { StageKey, StageUse } from '../../mesh/stage.ts';
import { Bell } from '../abortable.ts';
import { LinkTimes } from './link-times.ts';
import { NumberSet } from './number-set.ts';

/** How long the last batches may take after the stages have said how many there are. */
const LAST_BATCHES_MS = 2_000;

export class Measurements {
  readonly links: LinkTimes;
  /** Rows since the last drain. */
  readonly frames: FrameMeasurement[] = [];
  readonly #stages: StageMeasurement[] = [];
  readonly #transfers: LinkMeasurement[] = [];
  /** Stage and epoch → sequence numbers of the batches that came, so that one that is delivered twice counts once. */
  readonly #batches = new Map<string, NumberSet>();
  readonly #bell = new Bell();
  readonly #clock: Clock;
  readonly #closeSubscription: () => void;

  /** Listens from now on; call it before the stages start. */
  constructor(bus: Bus, subjects: Subjects, run: string, clock: Clock) {
    this.#clock = clock;
    this.links = new LinkTimes(clock.now);
    const subscription = bus.subscribe(subjects.measuresOf(run), (payload) => this.#receive(payload));
    this.#closeSubscription = () => subscription.close();
  }

  /** The source's part of a frame's way. */
  sent(epoch: Epoch, transfer: Transfer): void {
    this.#travelled(epoch, { from: SOURCE, ...transfer });
  }

  /** Waits until every batch has come that the stages have published. Returns the stages of which some are missing. */
  async complete(uses: readonly StageUse[]): Promise<string[]> {
    let late = false;
    const timer = this.#clock.after(LAST_BATCHES_MS, () => {
      late = true;
      this.#bell.ring();
    });
    const missing = (): string[] =>
      uses.filter(({ key, measureBatches }) => (this.#batches.get(batchesOf(key))?.size ?? 0) < measureBatches).map(({ key }) => key.stage);
    while (!late && missing().length > 0) await this.#bell.wait();
    timer.cancel();
    return missing();
  }

  /** What has come since it was asked last. */
  drain(): { stages: StageMeasurement[]; links: LinkMeasurement[]; frames: FrameMeasurement[] } {
    return { stages: this.#stages.splice(0), links: this.#transfers.splice(0), frames: this.frames.splice(0) };
  }

  close(): void {
    this.#closeSubscription();
  }

  #receive(payload: Uint8Array): void {
    const batch = decodeMeasureBatch(payload);
    const seen = this.#batches.get(batchesOf(batch.key)) ?? new NumberSet();
    this.#batches.set(batchesOf(batch.key), seen);
    if (!seen.add(batch.sequence)) return;
    const stages = stageMeasurementsOf(batch);
    this.#stages.push(...stages);
    for (const row of linkMeasurementsOf(batch)) this.#travelled(batch.key.epoch, row);
    this.#bell.ring();
  }

  #travelled(epoch: Epoch, row: LinkMeasurement): void {
    this.#transfers.push(row);
    this.links.add(epoch, row);
  }
}

function batchesOf({ stage, epoch }: StageKey): string {
  return `${stage} ${epoch}`;
}
