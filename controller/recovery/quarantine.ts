/**
 * Which frame kills its stage. When several were on their way nobody knows; so they are replayed one at a time, until all are past.
 *
 *     crash, 4 5 6 7 on their way       suspects 4 … 7, window 1
 *     replay 4 ── acknowledged          4 is innocent
 *     replay 5 ── crash ── 5 ── crash ── 5 ── crash          5 was alone three times: failed, with its cause
 *     replay 6, 7 ── acknowledged       no suspects, window as before
 *
 * Three times, because a stage may die of something else while a frame is there. Pure: a few numbers, no clock.
 */
import type { FrameId } from '../../mesh/frame.ts';

export interface FailedFrame {
  readonly frame: FrameId;
  /** Of the last crash. */
  readonly cause: string;
}

const CRASHES_ALONE_MAX = 3;

export class Quarantine {
  /** Frames below are suspects until they are acknowledged. */
  #suspectsEnd: FrameId = 0n;
  #acknowledged: FrameId = 0n;
  /** The frame that was alone last, and at how many crashes. */
  #alone: { readonly frame: FrameId; readonly crashes: number } | undefined;
  /** Frames given up, without an innocent one between them. */
  #failed: { readonly last: FrameId; readonly inARow: number } | undefined;

  /** How many frames may be on their way: 1 while there are suspects, undefined when that is not our business. */
  get windowMax(): 1 | undefined {
    return this.#acknowledged < this.#suspectsEnd ? 1 : undefined;
  }

  /** How many frames in a row were given up: of many it is not the frames' fault. */
  get failedInARow(): number {
    return this.#failed?.inARow ?? 0;
  }

  /**
   * A stage failed by itself (not for a lost peer) with frames `oldest` to `newest` on their way: sent in this epoch and not acknowledged.
   * With none on their way (`newest` below `oldest`) no frame is to blame. Returns the frame that is to be committed as failed, if it is known.
   */
  crashed(oldest: FrameId, newest: FrameId, cause: string): FailedFrame | undefined {
    if (newest < oldest || newest < this.#acknowledged) return undefined;
    // Acknowledgements are cumulative and replay begins with the oldest: all before it are through, whether that was heard here or not.
    this.acknowledged(oldest);
    if (newest >= this.#suspectsEnd) this.#suspectsEnd = newest + 1n;
    if (newest > oldest) return undefined;
    const crashes = this.#alone?.frame === oldest ? this.#alone.crashes + 1 : 1;
    this.#alone = { frame: oldest, crashes };
    if (crashes < CRASHES_ALONE_MAX) return undefined;
    if (this.#failed?.last !== oldest) this.#failed = { last: oldest, inARow: this.failedInARow + 1 };
    return { frame: oldest, cause };
  }

  /** All frames below `next` are committed, the failed ones among them. Repeated or late acknowledgements change nothing. */
  acknowledged(next: FrameId): void {
    if (next <= this.#acknowledged) return;
    const last = this.#failed?.last;
    const onlyTheFailed = this.#acknowledged === last && next - 1n === last;
    if (!onlyTheFailed) this.#failed = undefined;
    this.#acknowledged = next;
  }
}
