/** A model with more weights than fit into one protobuf message (2 GiB): matrix products, their weights in a file beside it. */
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ModelProto, type TensorProto } from '../../proto/gen/onnx/onnx.ts';

export const LARGE_MODEL = { layers: 3, width: 15_000 } as const;
/** Of each layer's weight. */
export const LARGE_TENSOR_BYTES = LARGE_MODEL.width ** 2 * 4;

/** Writes both files into `folder` and returns the path of the model. The data are holes but for one number per weight, so that no two are equal. */
export function writeLargeModel(folder: string): string {
  const { layers, width } = LARGE_MODEL;
  const data = join(folder, 'large.data');
  writeFileSync(data, '');
  truncateSync(data, layers * LARGE_TENSOR_BYTES);
  const file = openSync(data, 'r+');
  for (let layer = 0; layer < layers; layer += 1) writeSync(file, Float32Array.of(layer + 1), 0, 4, layer * LARGE_TENSOR_BYTES);
  closeSync(file);
  const weight = (layer: number): Partial<TensorProto> => ({
    name: `w${layer}`,
    dims: [BigInt(width), BigInt(width)],
    dataType: 1,
    dataLocation: 1,
    externalData: Object.entries({
      location: 'large.data',
      offset: `${layer * LARGE_TENSOR_BYTES}`,
      length: `${LARGE_TENSOR_BYTES}`,
    }).map(([key, value]) => ({ key, value })),
  });
  const dim = (value: number) => ({ value: { $case: 'dimValue' as const, value: BigInt(value) } });
  const row = { value: { $case: 'tensorType' as const, value: { elemType: 1, shape: { dim: [dim(1), dim(width)] } } } };
  const numbers = Array.from({ length: layers }, (_, layer) => layer);
  const model = ModelProto.fromPartial({
    irVersion: 8n,
    opsetImport: [{ domain: '', version: 17n }],
    graph: {
      name: 'large',
      node: numbers.map((layer) => ({
        opType: 'MatMul',
        name: `fc${layer}`,
        input: [`x${layer}`, `w${layer}`],
        output: [`x${layer + 1}`],
      })),
      input: [{ name: 'x0', type: row }],
      output: [{ name: `x${layers}`, type: row }],
      initializer: numbers.map(weight),
    },
  });
  const path = join(folder, 'large.onnx');
  writeFileSync(path, ModelProto.encode(model).finish());
  return path;
}
