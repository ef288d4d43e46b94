/**
 * A plan says which stage runs where and which tensors travel between them.
 *
 *     source ──▶ stage ──▶ stage ──▶ sink          a chain is only the common case: stages form a DAG,
 *        └─────▶ stage ─────┘                     a stage fires when all its inputs for a frame are there
 *
 * Plain frozen data: made by a planner or by hand, checked by `checkPlan`, carried out by the controller.
 */
import type { TensorSpec } from '../mesh/tensor.ts';

export type CodecName = 'none' | 'lz4' | 'auto';

/** A stage's sub-model with the tensors that enter and leave it. */
export interface Stage {
  readonly id: string;
  readonly device: string;
  /** For a person: `1-12`, or node names. */
  readonly layers: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** Tensors that go from one stage (or `source`) to another (or `sink`), in this order, on one stream. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly tensors: readonly string[];
  readonly codec: CodecName;
}

export interface Plan {
  readonly epoch: bigint;
  readonly stages: readonly Stage[];
  readonly routes: readonly Route[];
}
