/** A model with the parameters and statistics of a checkpoint, for everything that takes a model. */
import { readFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import { byteLength, dtypeOfCode } from '../../mesh/tensor.ts';
import { decodeCheckpoint } from '../../mesh/training/checkpoint.ts';
import type { Model } from '../../partition/model.ts';
import type { Payload } from '../../partition/payload.ts';
import { TensorProto } from '../../proto/gen/onnx/onnx.ts';

/** Error `invalid` when the checkpoint is of another model. */
export async function modelWith(model: Model, checkpointPath: string): Promise<Model> {
  const { tensors } = decodeCheckpoint(new Uint8Array(await readFile(checkpointPath)), checkpointPath);
  const graph = model.proto.graph!;
  const payloads = new Map<TensorProto, Payload>(model.payloads);
  const initializer = graph.initializer.map((tensor) => {
    const trained = tensors.get(tensor.name);
    if (trained === undefined) return tensor;
    if (trained.data.byteLength !== byteLength(dtypeOfCode(tensor.dataType), tensor.dims.map(Number)))
      throw new MeshError('invalid', `${checkpointPath} has another "${tensor.name}" than ${model.name}`);
    const { name, dims, dataType } = tensor;
    const replaced = TensorProto.fromPartial({ name, dims, dataType });
    payloads.delete(tensor);
    payloads.set(replaced, { kind: 'memory', bytes: trained.data });
    return replaced;
  });
  return { ...model, payloads, proto: { ...model.proto, graph: { ...graph, initializer } } };
}
