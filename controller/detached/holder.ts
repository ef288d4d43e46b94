/**
 * Holds a run: writes its record about once a second, by compare-and-set, and finds out when somebody else has taken it.
 *
 *     claim: nothing known, or meant for this device ──▶ term + 1 ──▶ beats ──▶ finish
 *                                                                  └ a later term, another process: replaced, at once
 *
 * The registry is a cache: when its store is lost the next beat writes the record again. While it is away the run goes on.
 */
import { type Clock, every, pause, type Timer } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunOrder, type RunRecord } from '../../mesh/run-order.ts';
import type { RunRecords } from './run-records.ts';

const BEAT_MS = 1_000;
/** How long the last word of a run is tried to be written. */
const FINISH_MS = 30_000;
const AGAIN_MS = 250;

export interface Claim {
  readonly records: RunRecords;
  readonly order: RunOrder;
  readonly device: string;
  /** Of this process. */
  readonly incarnation: string;
  /** What this device knows of the run's processes, also when the registry has lost its store; 0: there was none. */
  readonly termKnown: number;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** What a holder says of its run. */
export type Progress = Partial<Omit<RunRecord, 'order' | 'device' | 'incarnation' | 'term' | 'startedMs'>>;

export class Holder {
  readonly #records: RunRecords;
  readonly #clock: Clock;
  readonly #replaced = new AbortController();
  readonly #timer: Timer;
  #record: RunRecord;
  #revision: number;
  #writing: Promise<void> | undefined;
  #dirty = false;

  private constructor({ records, clock }: Claim, record: RunRecord, revision: number) {
    this.#records = records;
    this.#clock = clock;
    this.#record = record;
    this.#revision = revision;
    this.#timer = every(clock, BEAT_MS, () => void this.#beat());
  }

  /** Undefined when the run is over, or in the hands of another device. Errors: `unreachable`; `conflict` when another process claims it just now. */
  static async claim(claim: Claim): Promise<Holder | undefined> {
    const { records, order, device, incarnation, termKnown, wallClock } = claim;
    const known = await records.get(order.run);
    // One of an earlier term comes from a store that was put back: whoever wrote it is gone.
    const isPresent = known !== undefined && known.record.term >= termKnown;
    if (isPresent && (isOver(known.record) || known.record.device !== device)) return undefined;
    const before = known?.record ?? newRecord(order, device, wallClock());
    const term = Math.max(before.term, termKnown) + 1;
    const record: RunRecord = { ...before, device, incarnation, term, state: 'starting', fps: undefined, note: '' };
    return new Holder(claim, record, await records.put(record, known?.revision ?? 0));
  }

  get record(): RunRecord {
    return this.#record;
  }

  /** Aborted when another process holds the run: this one must stop at once. */
  get replaced(): AbortSignal {
    return this.#replaced.signal;
  }

  /** Written with the next beat; a change of state, at once. */
  say(progress: Progress): void {
    const changed = progress.state !== undefined && progress.state !== this.#record.state;
    this.#record = { ...this.#record, ...progress };
    if (changed) void this.#beat();
  }

  /** Somebody else has found out that another process is at work. */
  replace(): void {
    this.#replaced.abort(new MeshError('conflict', `another process has taken over run ${this.#record.order.run}`));
  }

  /** The last word. Resolves when it is written, or the run is in other hands. Error `unreachable` when the registry stays away. */
  async finish(progress: Progress): Promise<void> {
    this.#timer.cancel();
    await this.#writing;
    this.#record = { ...this.#record, ...progress };
    const endMs = this.#clock.now() + FINISH_MS;
    while (!this.replaced.aborted) {
      try {
        return await this.#write();
      } catch (error) {
        if (this.#clock.now() >= endMs) throw error;
        await pause(this.#clock, AGAIN_MS);
      }
    }
  }

  /** No more beats: the run is left as it is. */
  async close(): Promise<void> {
    this.#timer.cancel();
    await this.#writing;
  }

  async #beat(): Promise<void> {
    this.#dirty = true;
    if (this.#writing !== undefined || this.replaced.aborted) return;
    this.#writing = this.#writeAll();
    await this.#writing;
    this.#writing = undefined;
  }

  async #writeAll(): Promise<void> {
    while (this.#dirty) {
      this.#dirty = false;
      // The registry is away: the next beat tries again.
      await this.#write().catch(() => {});
    }
  }

  async #write(): Promise<void> {
    try {
      this.#revision = await this.#records.put(this.#record, this.#revision);
    } catch (error) {
      if (MeshError.from(error).code !== 'conflict') throw error;
      const found = await this.#records.get(this.#record.order.run);
      if (found !== undefined && isLater(found.record, this.#record)) return this.replace();
      this.#revision = found?.revision ?? 0;
      this.#revision = await this.#records.put(this.#record, this.#revision);
    }
  }
}

/** Somebody has claimed the run after the process that wrote `mine`, has been asked to, or has said that it is over. */
function isLater(found: RunRecord, mine: RunRecord): boolean {
  return found.term > mine.term || (found.term === mine.term && (found.incarnation !== mine.incarnation || isOver(found)));
}

function newRecord(order: RunOrder, device: string, startedMs: number): RunRecord {
  return {
    order,
    device,
    incarnation: '',
    term: 0,
    state: 'starting',
    epoch: 0n,
    next: 0n,
    frames: undefined,
    fps: undefined,
    model: order.model,
    startedMs,
    error: '',
    hint: '',
    note: '',
    report: '',
    verification: '',
  };
}
