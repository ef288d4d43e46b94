/**
 * Stages and where they run → a plan. Routes are read off the tensors' names: whoever makes a tensor sends it to everybody who reads it;
 * the model's inputs come from the source, its outputs go to the sink.
 */
import { MeshError } from '../../mesh/error.ts';
import { type Epoch, SINK, SOURCE } from '../../mesh/frame.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { CodecName, Plan, Route } from '../../partition/plan.ts';

/** One stage before it has a place. */
export interface StagePiece {
  readonly id: string;
  /** For a person: `1-12`. */
  readonly layers: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

export interface ModelEnds {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** `devices`: of each piece, in the same order. Error `invalid` when a tensor has no maker. */
export function makePlan(pieces: readonly StagePiece[], devices: readonly string[], ends: ModelEnds, codec: CodecName, epoch: Epoch): Plan {
  const makers = new Map(ends.inputs.map((name) => [name, SOURCE]));
  for (const piece of pieces) for (const { name } of piece.outputs) makers.set(name, piece.id);
  const readers = [...pieces.map(({ id, inputs }) => ({ id, names: inputs.map(({ name }) => name) })), { id: SINK, names: ends.outputs }];
  return {
    epoch,
    stages: pieces.map((piece, index) => ({ ...piece, device: devices[index]! })),
    routes: readers.flatMap(({ id, names }) => routesTo(id, names, makers, codec)),
  };
}

function routesTo(to: string, names: readonly string[], makers: ReadonlyMap<string, string>, codec: CodecName): Route[] {
  const byMaker = new Map<string, string[]>();
  for (const name of names) {
    const from = makers.get(name);
    if (from === undefined) throw new MeshError('invalid', `no stage makes the tensor "${name}", which ${to} needs`);
    byMaker.set(from, [...(byMaker.get(from) ?? []), name]);
  }
  return [...byMaker].map(([from, tensors]) => ({ from, to, tensors, codec }));
}
