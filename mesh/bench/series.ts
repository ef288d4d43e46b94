/**
 * What a run used, in the course of its time: a sample every tenth of a second, for as long as it goes on, in bounded memory.
 *
 *     10 Hz  ▁▂▃▅▇▇▇▇▅▅▅▅     full ──▶ each two become one: the larger of levels, the later of counters ──▶ 5 Hz, and so on
 *
 * Levels (memory) keep their peaks, counters (CPU time) their ends, so that nothing that was reached is lost and no rate is invented.
 */

export interface UseSample {
  /** Since the beginning of the run, milliseconds. */
  readonly atMs: number;
  /** Anonymous and kernel memory: what can't be given back. Bytes. */
  readonly memoryBytes: number;
  /** With page cache. */
  readonly totalBytes: number;
  readonly swapBytes: number;
  /** CPU time so far. */
  readonly cpuMs: number;
  /** Time so far in which it was kept from the CPU by its quota. */
  readonly throttledMs: number;
  /** Major page faults so far. */
  readonly majorFaults: number;
}

/** Ten minutes at 10 Hz. */
export const SAMPLES_MAX = 6_000;

export class UseSeries {
  #samples: UseSample[] = [];
  /** So many that come become one. */
  #group = 1;
  #open: UseSample | undefined;
  #inGroup = 0;

  add(sample: UseSample): void {
    this.#open = this.#open === undefined ? sample : together(this.#open, sample);
    this.#inGroup += 1;
    if (this.#inGroup < this.#group) return;
    this.#samples.push(this.#open);
    this.#open = undefined;
    this.#inGroup = 0;
    if (this.#samples.length < SAMPLES_MAX) return;
    this.#samples = Array.from({ length: SAMPLES_MAX / 2 }, (_, at) => together(this.#samples[2 * at]!, this.#samples[2 * at + 1]!));
    this.#group *= 2;
  }

  /** In the order of time; the last may be of fewer than the others. */
  get samples(): readonly UseSample[] {
    return this.#open === undefined ? this.#samples : [...this.#samples, this.#open];
  }
}

function together(a: UseSample, b: UseSample): UseSample {
  return {
    ...b,
    memoryBytes: Math.max(a.memoryBytes, b.memoryBytes),
    totalBytes: Math.max(a.totalBytes, b.totalBytes),
    swapBytes: Math.max(a.swapBytes, b.swapBytes),
  };
}
