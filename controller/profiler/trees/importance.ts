/** Which features the trees look at, and what that brings. */
import type { TreeEnsemble } from './tree.ts';

export interface Importance {
  readonly name: string;
  /** By how much splits at it lower the loss, all added (XGBoost's total_gain). */
  readonly gain: number;
  /** How often it is looked at. */
  readonly splits: number;
}

/** All features, the most important first; those that gain the same in their order. */
export function importanceOf({ names, trees }: TreeEnsemble): readonly Importance[] {
  const gains = names.map(() => 0);
  const splits = names.map(() => 0);
  for (const { left, feature, gain } of trees) {
    for (const [node, child] of left.entries()) {
      if (child < 0) continue;
      gains[feature[node]!]! += gain[node]!;
      splits[feature[node]!]! += 1;
    }
  }
  return names.map((name, at) => ({ name, gain: gains[at]!, splits: splits[at]! })).sort((a, b) => b.gain - a.gain);
}
