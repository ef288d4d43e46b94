/**
 * What a model takes and gives, for a benchmark: its tensors as the file declares them, so that a batch it leaves open stays open.
 *
 *     x: [N, 3, 224, 224] ──▶ [-1, 3, 224, 224]      as many samples at once as a scenario has        [1, 3, 224, 224]: one after the other
 */
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { ResolvedModel } from '../../partition/load.ts';
import { modelEnds } from '../../partition/split.ts';

export interface ModelInterface {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly string[];
}

/** Errors: those of `modelEnds`. */
export function modelInterface({ layered }: Pick<ResolvedModel, 'layered'>): ModelInterface {
  const { inputs, outputs } = modelEnds(layered);
  const declared = new Map(layered.graph.proto.input.map((each) => [each.name, each.type?.value]));
  return {
    inputs: inputs.map((spec) => {
      const type = declared.get(spec.name);
      const first = type?.$case === 'tensorType' ? type.value.shape?.dim[0] : undefined;
      const open = first !== undefined && first.value?.$case !== 'dimValue';
      return open ? { ...spec, dims: [-1, ...spec.dims.slice(1)] } : spec;
    }),
    outputs: outputs.map(({ name }) => name),
  };
}
