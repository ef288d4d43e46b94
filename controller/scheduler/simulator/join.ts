/**
 * Puts frames together: one is complete when every route that carries it has brought it. Where routes take turns, complete frames wait for those
 * before them, so that frames are handed on in the order of their ids.
 */
import { sameTurns } from '../../../mesh/turns.ts';
import type { Lane } from './lane.ts';

export class Join {
  readonly #lanes: readonly Lane[];
  readonly #onFrame: (frame: number) => void;
  /** Routes that have brought a frame. */
  readonly #arrived: Uint16Array;
  /** Routes take turns: complete frames are put in order. */
  readonly #merging: boolean;
  readonly #complete: Uint8Array;
  #next = 0;

  constructor(lanes: readonly Lane[], frames: number, onFrame: (frame: number) => void) {
    this.#lanes = lanes;
    this.#onFrame = onFrame;
    this.#merging = lanes.some(({ options }) => !sameTurns(options.turns, lanes[0]!.options.turns));
    this.#arrived = new Uint16Array(lanes.length > 1 ? frames : 0);
    this.#complete = new Uint8Array(this.#merging ? frames : 0);
  }

  add(frame: number): void {
    if (this.#lanes.length > 1) {
      this.#arrived[frame]! += 1;
      if (this.#arrived[frame] !== this.#needed(frame)) return;
    }
    if (!this.#merging) {
      this.#onFrame(frame);
      return;
    }
    this.#complete[frame] = 1;
    while (this.#next < this.#complete.length && (this.#complete[this.#next] === 1 || this.#needed(this.#next) === 0)) {
      const next = this.#next++;
      if (this.#complete[next] === 1) this.#onFrame(next);
    }
  }

  /** Returns credit on every route that carried the frame. */
  consumed(frame: number): void {
    for (const lane of this.#lanes) if (lane.carries(frame)) lane.consumed();
  }

  #needed(frame: number): number {
    if (!this.#merging) return this.#lanes.length;
    let needed = 0;
    for (const lane of this.#lanes) if (lane.carries(frame)) needed += 1;
    return needed;
  }
}
