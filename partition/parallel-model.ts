/** A model in which some layers were replaced by parts that are computed side by side. */
import type { Model } from './model.ts';

export interface ParallelModel {
  readonly model: Model;
  /** Of each part, the names of its nodes. */
  readonly parts: readonly ReadonlySet<string>[];
}
