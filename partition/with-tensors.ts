/** A model with other values in some of its initializers: what a training made of it. */
import { MeshError } from '../mesh/error.ts';
import { formatSpec, knownDType, type Tensor } from '../mesh/tensor.ts';
import { TensorProto } from '../proto/gen/onnx/onnx.ts';
import type { Model } from './model.ts';
import type { Payload } from './payload.ts';

/** `tensors`: by name; those that the model does not have say nothing. Error `invalid` for one of another type or size than the model's. */
export function withTensors(model: Model, tensors: ReadonlyMap<string, Tensor>): Model {
  const graph = model.proto.graph!;
  const payloads = new Map<TensorProto, Payload>(model.payloads);
  const initializer = graph.initializer.map((before) => {
    const { name, dataType } = before;
    const now = tensors.get(name);
    if (now === undefined) return before;
    const dtype = knownDType(dataType);
    const dims = before.dims.map(Number);
    if (dtype !== now.dtype || dims.join() !== now.dims.join())
      throw new MeshError('invalid', `"${name}" of ${model.name} is ${dtype}[${dims.join(', ')}], it can't become ${formatSpec(now)}`);
    const replaced = TensorProto.fromPartial({ name, dims: before.dims, dataType });
    payloads.delete(before);
    payloads.set(replaced, { kind: 'memory', bytes: now.data });
    return replaced;
  });
  return { ...model, payloads, proto: { ...model.proto, graph: { ...graph, initializer } } };
}
