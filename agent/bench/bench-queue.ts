/**
 * One benchmark run at a time, and none beside stages unless both may: what is measured is not what the neighbour takes.
 *
 *     order ──▶ no turn before it? ──▶ no stage here? ──▶ its turn ══ no stage is taken meanwhile ══ the next
 *                  └── wait, or refuse ──┘
 */
import { type Clock, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';

export interface BenchQueueOptions {
  readonly device: string;
  readonly clock: Clock;
  /** Stages that are on the device. */
  readonly stages: () => number;
}

export interface QueuedOrder {
  readonly run: string;
  readonly whenBusy: 'wait' | 'refuse';
  readonly besideStages: boolean;
}

/** Stages come and go without saying so. */
const LOOK_MS = 200;
/**
 * A run that has lost a stage brings it back within seconds, as a rule to the same device: a benchmark that has waited for stages leaves it that time,
 * or it would take the device away from the run.
 */
export const QUIET_MS = 5_000;
/** Each that waits costs memory and a look now and then; a person would not wait for so many. */
const TURNS_MAX = 100;

export class BenchQueue {
  readonly #options: BenchQueueOptions;
  /** The first has its turn, or waits for stages to end. */
  readonly #turns: QueuedOrder[] = [];
  #running: QueuedOrder | undefined;
  #draining = false;

  constructor(options: BenchQueueOptions) {
    this.#options = options;
  }

  /** Resolves when it is the order's turn, which ends when what is returned is called. Errors: `conflict` (busy, draining, too many); the signal's reason. */
  async enter(order: QueuedOrder, onWait: (ahead: number, why: string) => void, signal: AbortSignal): Promise<() => void> {
    const { device, clock } = this.#options;
    if (this.#turns.some(({ run }) => run === order.run)) throw new MeshError('conflict', `${order.run} is on ${device} already`);
    if (this.#turns.length >= TURNS_MAX) throw new MeshError('conflict', `${TURNS_MAX} benchmarks wait for ${device} already`);
    this.#turns.push(order);
    let told = '';
    /** Until then stages may come back. */
    let quietMs = 0;
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.#draining) throw new MeshError('conflict', `${device} is draining and takes no new benchmarks`);
        const why = this.#whyNot(order, quietMs);
        if (why === undefined) break;
        if (this.#options.stages() > 0) quietMs = clock.now() + QUIET_MS;
        if (order.whenBusy === 'refuse') throw busy(device, why);
        if (why !== told) onWait(this.#turns.indexOf(order), why);
        told = why;
        await pause(clock, LOOK_MS, signal);
      }
    } catch (error) {
      this.#remove(order);
      throw error;
    }
    this.#running = order;
    return () => {
      this.#running = undefined;
      this.#remove(order);
    };
  }

  /** Runs that are here, waiting or not. */
  get length(): number {
    return this.#turns.length;
  }

  /** Error `conflict` while a run goes on that no stage may disturb. */
  admitStage(): void {
    const { device } = this.#options;
    const running = this.#running;
    if (running === undefined || running.besideStages) return;
    throw new MeshError('conflict', `a benchmark runs on ${device} (${running.run}), which no stage may disturb`, {
      hint: 'wait until it has ended, choose other devices, or start benchmarks with --beside-stages',
    });
  }

  /** No new runs from now on. */
  drain(): void {
    this.#draining = true;
  }

  /** Resolves when no run is here any more, or `signal` aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.#turns.length > 0 && !signal.aborted) await pause(this.#options.clock, LOOK_MS, signal).catch(() => {});
  }

  #whyNot(order: QueuedOrder, quietMs: number): string | undefined {
    const first = this.#turns[0]!;
    if (first !== order) return this.#running === undefined ? `${first.run} is before it` : `${first.run} is running`;
    const stages = this.#options.stages();
    if (order.besideStages || (stages === 0 && this.#options.clock.now() >= quietMs)) return undefined;
    if (stages === 0) return 'its last stage has just ended, and may come back';
    return stages === 1 ? 'a stage is running' : `${stages} stages are running`;
  }

  #remove(order: QueuedOrder): void {
    this.#turns.splice(this.#turns.indexOf(order), 1);
  }
}

function busy(device: string, why: string): MeshError {
  return new MeshError('conflict', `${device} is busy: ${why}`, { hint: 'let it wait for its turn, or choose another device' });
}
