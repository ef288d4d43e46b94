/**
 * What happened to a run: its epochs, why each began, and how long no frame came out when one took over.
 *
 *     epoch 1 ── stage2 on pb was lost ──▶ epoch 2: from frame 57, 0.62 s after the loss
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { Plan } from '../../partition/plan.ts';

export interface EpochRecord {
  readonly plan: Plan;
  /** The first frame that was sent in it; some of them for the second time. */
  readonly first: FrameId;
  /** Frames that had been sent before and went again. */
  readonly replayed: number;
  /** For a person: why it began. */
  readonly why: string;
  /** From when the loss was known to the first frame that came out again, milliseconds; undefined when nothing was lost, or none came. */
  readonly recoveryMs: number | undefined;
}

export class EpochLog {
  readonly #now: () => number;
  #epochs: readonly EpochRecord[] = [];
  #lostMs: number | undefined;
  #waiting = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  get epochs(): readonly EpochRecord[] {
    return this.#epochs;
  }

  /** The present epoch can't go on. */
  lost(): void {
    this.#lostMs ??= this.#now();
  }

  begin(plan: Plan, first: FrameId, replayed: number, why: string): void {
    this.#epochs = [...this.#epochs, { plan, first, replayed, why, recoveryMs: undefined }];
    this.#waiting = this.#lostMs !== undefined;
  }

  /** A frame came out. Returns the record that it completes. */
  arrived(atMs: number): EpochRecord | undefined {
    if (!this.#waiting) return undefined;
    this.#waiting = false;
    const completed = { ...this.#epochs.at(-1)!, recoveryMs: atMs - this.#lostMs! };
    this.#epochs = [...this.#epochs.slice(0, -1), completed];
    this.#lostMs = undefined;
    return completed;
  }
}
