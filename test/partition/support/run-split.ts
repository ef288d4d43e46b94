/**
 * Carries out a split the way the mesh does, one stage after the other, and compares with the whole model.
 */
import { halfToNumber } from '../../../controller/run/numbers.ts';
import { SINK, SOURCE } from '../../../mesh/frame.ts';
import { type DType, dtypes, elementCount, type TensorSpec } from '../../../mesh/tensor.ts';
import type { LayeredGraph } from '../../../partition/layers.ts';
import { type Split, type StageLayers, splitModel } from '../../../partition/split.ts';
import { Digests, stageFiles, writeStageFiles } from '../../../partition/stage-files.ts';
import type { PlainTensor, Runtime, Tensors } from './runtime.ts';

/** The model with all its layers in one stage. */
export function wholeModel(layered: LayeredGraph): Split {
  return splitModel(layered, [{ id: 'whole', layers: layered.layers.map((layer) => layer.number) }]);
}

/** What arrives at the sink. Only tensors that routes carry reach a stage. */
export async function runSplit(runtime: Runtime, split: Split, feeds: Tensors, folder: string, digests = new Digests()): Promise<Tensors> {
  const made = new Map<string, Tensors>([[SOURCE, feeds]]);
  const arriving = (to: string): Tensors =>
    Object.fromEntries(
      split.routes.filter((route) => route.to === to).flatMap((route) => route.tensors.map((name) => [name, made.get(route.from)![name]!])),
    );
  const open = new Set(split.stages);
  while (open.size > 0) {
    const ready = [...open].find((stage) => split.routes.every((route) => route.to !== stage.id || made.has(route.from)));
    if (ready === undefined) throw new Error('no stage is ready');
    const path = await writeStageFiles(await stageFiles(ready.model, digests, `${ready.id}.onnx`), folder);
    const outputs = ready.outputs.map((output) => output.name);
    const results = await runtime.run(path, arriving(ready.id), outputs);
    for (const spec of ready.outputs) expectSpec(results[spec.name]!, spec);
    made.set(ready.id, results);
    open.delete(ready);
  }
  return arriving(SINK);
}

/** What inference said must be what the runtime computes. */
function expectSpec(tensor: PlainTensor, spec: TensorSpec): void {
  const fits = tensor.dtype === spec.dtype && (tensor.dims.length === spec.dims.length || spec.dims[0] === -1);
  if (!fits || !spec.dims.every((dim, axis) => dim === -1 || dim === tensor.dims[axis])) {
    throw new Error(`${spec.name} was expected as ${spec.dtype}[${spec.dims}], it is ${tensor.dtype}[${tensor.dims}]`);
  }
}

/** Largest difference of two results, relative to the largest value of the reference (at least 1). Other types must be equal. */
export function difference(reference: Tensors, other: Tensors): number {
  const names = Object.keys(reference).sort();
  if (names.join() !== Object.keys(other).sort().join()) throw new Error(`outputs ${Object.keys(other)} instead of ${names}`);
  return Math.max(...names.map((name) => tensorDifference(reference[name]!, other[name]!)));
}

/** Half floats as single ones. */
function widened({ dims, data }: PlainTensor): PlainTensor {
  return { dtype: 'float32', dims, data: Float32Array.from(new Uint16Array(data), halfToNumber).buffer };
}

function tensorDifference(a: PlainTensor, b: PlainTensor): number {
  if (a.dtype !== b.dtype || a.dims.join() !== b.dims.join()) return Number.POSITIVE_INFINITY;
  if (a.dtype === 'float16') return tensorDifference(widened(a), widened(b));
  if (a.dtype !== 'float32') return Buffer.from(a.data).equals(Buffer.from(b.data)) ? 0 : Number.POSITIVE_INFINITY;
  const [x, y] = [new Float32Array(a.data), new Float32Array(b.data)];
  let [scale, apart] = [1, 0];
  for (const [index, value] of x.entries()) {
    scale = Math.max(scale, Math.abs(value));
    const distance = Object.is(value, y[index]) ? 0 : Math.abs(value - y[index]!);
    if (!(distance <= apart)) apart = distance;
  }
  return apart / scale;
}

/** Inputs that are the same in every run: for floats between -1 and 1, for integers 0 to 3. */
export function sampleInputs(specs: readonly TensorSpec[], seed = 1): Tensors {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Object.fromEntries(
    specs.map(({ name, dtype, dims }) => {
      const sizes = dims.map((dim) => (dim < 0 ? 2 : dim));
      return [name, { dtype, dims: sizes, data: sampleData(dtype, elementCount(sizes), next) }];
    }),
  );
}

function sampleData(dtype: DType, count: number, next: () => number): ArrayBuffer {
  if (dtype === 'float32') return Float32Array.from({ length: count }, () => 2 * next() - 1).buffer;
  // Numbers of 1 to 2, because few bits have a simple form there.
  if (dtype === 'float16') return Uint16Array.from({ length: count }, () => 0x3c00 + Math.floor(1024 * next())).buffer;
  if (dtype === 'int64') return BigInt64Array.from({ length: count }, () => BigInt(Math.floor(4 * next()))).buffer;
  if (dtype === 'bool') return Uint8Array.from({ length: count }, () => Math.round(next())).buffer;
  return new ArrayBuffer(count * dtypes[dtype].bytes);
}

export function stagesByNumber(stages: readonly (readonly number[])[]): readonly StageLayers[] {
  return stages.map((layers, index) => ({ id: `s${index + 1}`, layers }));
}
