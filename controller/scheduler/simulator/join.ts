/** Counts what has arrived of each frame: it is complete when every route that carries it has brought it. */
import type { Lane } from './lane.ts';

export class Join {
  readonly #lanes: readonly Lane[];
  readonly #arrived: Uint8Array;
  readonly #same: boolean;

  constructor(lanes: readonly Lane[], frames: number) {
    this.#lanes = lanes;
    this.#same = lanes.every(({ options }) => options.turns === undefined);
    this.#arrived = new Uint8Array(lanes.length > 1 ? frames : 0);
  }

  /** True when this was the last piece. */
  add(frame: number): boolean {
    if (this.#lanes.length === 1) return true;
    this.#arrived[frame]! += 1;
    return this.#arrived[frame] === this.#needed(frame);
  }

  /** Returns credit on every route that carried the frame. */
  consumed(frame: number): void {
    for (const lane of this.#lanes) if (lane.carries(frame)) lane.consumed();
  }

  #needed(frame: number): number {
    if (this.#same) return this.#lanes.length;
    let needed = 0;
    for (const lane of this.#lanes) if (lane.carries(frame)) needed += 1;
    return needed;
  }
}
