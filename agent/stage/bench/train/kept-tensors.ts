/**
 * What a training keeps from step to step: parameters, running statistics, what the optimizer remembers. Each lies in memory twice, so that a step writes
 * beside what it reads, and leaves nothing to the garbage collector.
 *
 *     front ──▶ step ──▶ back        swap: the back is the front of the next step
 */
import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { MeshError } from '../../../../mesh/error.ts';
import { byteLength, type DType, dtypes, formatSpec, type Tensor } from '../../../../mesh/tensor.ts';
import { updatedName } from '../../../../mesh/training-tensors.ts';
import { toOrt } from '../../session/ort-tensor.ts';

interface Kept {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly number[];
  front: OrtTensor;
  back: OrtTensor;
}

export class KeptTensors {
  readonly #kept: readonly Kept[];
  /** Not in these graphs, and kept all the same: another stage's parameters. */
  readonly #others: ReadonlyMap<string, Tensor>;

  /**
   * Of the graph of a step: its inputs that it gives anew. What `before` does not have begins as zeros, as optimizers do. Error `invalid` for one of another
   * size.
   */
  constructor({ inputMetadata, outputNames }: InferenceSession, before: ReadonlyMap<string, Tensor>) {
    const given = new Set(outputNames);
    const specs = inputMetadata.flatMap((each) => (each.isTensor && given.has(updatedName(each.name)) ? [each] : []));
    this.#kept = specs.map(({ name, type, shape }) => {
      const spec = { dtype: dtypeOf(name, type), dims: shape.map(Number) };
      const found = before.get(name);
      if (found !== undefined && formatSpec(found) !== formatSpec(spec))
        throw new MeshError('invalid', `"${name}" is ${formatSpec(found)} in the checkpoint, and ${formatSpec(spec)} in the graph`);
      return { name, ...spec, front: filled(spec, found?.data), back: filled(spec, undefined) };
    });
    const names = new Set(this.#kept.map(({ name }) => name));
    // Copies: views would keep the whole file they are from.
    this.#others = new Map(
      [...before].flatMap(([name, tensor]) => (names.has(name) ? [] : [[name, { ...tensor, data: tensor.data.slice() }]])),
    );
  }

  /** Inputs of a step, or of a graph that has some of them. */
  feeds(names: readonly string[]): Record<string, OrtTensor> {
    const wanted = new Set(names);
    return Object.fromEntries(this.#kept.filter(({ name }) => wanted.has(name)).map(({ name, front }) => [name, front]));
  }

  /** Where a step is to put what it gives anew. */
  targets(): Record<string, OrtTensor> {
    return Object.fromEntries(this.#kept.map(({ name, back }) => [updatedName(name), back]));
  }

  /** What the step gave is what the next one gets. */
  swap(): void {
    for (const kept of this.#kept) [kept.front, kept.back] = [kept.back, kept.front];
  }

  /** Views, until the next swap. */
  tensors(): Map<string, Tensor> {
    return new Map([
      ...this.#others,
      ...this.#kept.map(({ name, dtype, dims, front }) => [name, { dtype, dims, data: bytesOf(front) }] as const),
    ]);
  }
}

function filled({ dtype, dims }: { readonly dtype: DType; readonly dims: readonly number[] }, from: Uint8Array | undefined): OrtTensor {
  const bytes = new Uint8Array(byteLength(dtype, dims));
  if (from !== undefined) bytes.set(from);
  return toOrt({ dtype, dims, buffer: bytes.buffer });
}

function bytesOf({ data }: OrtTensor): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength: bytes } = data as Float32Array<ArrayBuffer>;
  return new Uint8Array(buffer, byteOffset, bytes);
}

/** The runtime calls types as we do. */
function dtypeOf(name: string, type: string): DType {
  if (Object.hasOwn(dtypes, type)) return type as DType;
  throw new MeshError('unsupported', `"${name}" has element type ${type}, which can't be trained`);
}
