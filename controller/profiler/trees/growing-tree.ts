/**
 * A tree while it grows: every node could be a leaf and knows what it would be worth. When it is done, splits that gain too little are taken back from
 * below, and the nodes that are left are numbered anew in the order they had.
 */
import type { BestSplit } from './split.ts';
import { emptyTree, type Tree } from './tree.ts';

interface Split {
  readonly feature: number;
  readonly threshold: number;
  readonly defaultLeft: boolean;
  readonly gain: number;
  readonly left: number;
  readonly right: number;
}

export class GrowingTree {
  readonly #values: number[] = [];
  readonly #covers: number[] = [];
  readonly #splits: (Split | undefined)[] = [];

  /** A leaf; returns its number. */
  add(value: number, cover: number): number {
    this.#values.push(value);
    this.#covers.push(cover);
    this.#splits.push(undefined);
    return this.#values.length - 1;
  }

  split(node: number, { feature, threshold, defaultLeft, gain }: BestSplit, left: number, right: number): void {
    this.#splits[node] = { feature, threshold, defaultLeft, gain, left, right };
  }

  /** Without splits between two leaves that gain less than `gamma`, again and again. */
  finish(gamma: number): Tree {
    const splits = [...this.#splits];
    const dropped = new Uint8Array(splits.length);
    // Children have higher numbers than their parent, so that they are settled before it.
    for (let node = splits.length - 1; node >= 0; node -= 1) {
      const split = splits[node];
      if (split === undefined || split.gain >= gamma || splits[split.left] !== undefined || splits[split.right] !== undefined) continue;
      splits[node] = undefined;
      dropped[split.left] = 1;
      dropped[split.right] = 1;
    }
    return this.#numbered(splits, dropped);
  }

  #numbered(splits: readonly (Split | undefined)[], dropped: Uint8Array): Tree {
    const kept = Array.from(splits.keys()).filter((node) => dropped[node] === 0);
    const numbers = new Int32Array(splits.length);
    for (const [number, node] of kept.entries()) numbers[node] = number;
    const tree = emptyTree(kept.length);
    for (const [number, node] of kept.entries()) {
      const split = splits[node];
      tree.cover[number] = this.#covers[node]!;
      tree.left[number] = split === undefined ? -1 : numbers[split.left]!;
      tree.right[number] = split === undefined ? -1 : numbers[split.right]!;
      if (split === undefined) {
        tree.value[number] = this.#values[node]!;
      } else {
        tree.feature[number] = split.feature;
        tree.threshold[number] = split.threshold;
        tree.defaultLeft[number] = split.defaultLeft ? 1 : 0;
        tree.gain[number] = split.gain;
      }
    }
    return tree;
  }
}
