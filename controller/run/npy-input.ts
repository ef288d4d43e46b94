/**
 * Frames from .npy files, one file per model input; the first axis is the frame. A model with a batch of 1 takes entries with or without
 * that axis: N×C×H×W as well as N×1×C×H×W. Fewer entries than frames: they repeat.
 */

import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { formatSpec, type Tensor, type TensorSpec } from '../../mesh/tensor.ts';
import type { FrameInput } from './frame-input.ts';
import { NpyReader } from './npy-reader.ts';

/** `paths`: model input → file. Errors: `not-found`, or `invalid` naming file, what it holds and what the model expects. */
export async function npyInput(specs: readonly TensorSpec[], paths: ReadonlyMap<string, string>): Promise<FrameInput> {
  const readers: NpyReader[] = [];
  try {
    for (const spec of specs) {
      const reader = await NpyReader.open(paths.get(spec.name)!);
      readers.push(reader);
      entryDims(reader, spec);
    }
    checkSameCount(readers);
  } catch (error) {
    await closeAll(readers);
    throw error;
  }
  const count = readers[0]!.count;
  return {
    count,
    title: readers.map((reader) => reader.path).join(', '),
    // All there is to check is in the header, and was when it was opened.
    check: async () => {},
    frame: async (id: FrameId) => {
      const index = Number(id % BigInt(count));
      const entries = await Promise.all(specs.map((spec, position) => entryOf(readers[position]!, spec, index)));
      return new Map(specs.map((spec, position) => [spec.name, entries[position]!]));
    },
    close: () => closeAll(readers),
  };
}

/** The shape an entry has for the model. Error `invalid` when dtype or shape don't fit. */
export function entryDims(
  file: { readonly path: string; readonly dtype: Tensor['dtype']; readonly dims: readonly number[] },
  spec: TensorSpec,
): number[] {
  const entry = file.dims.slice(1);
  const withBatch = [1, ...entry];
  const dims = fits(entry, spec.dims) ? entry : fits(withBatch, spec.dims) ? withBatch : undefined;
  if (dims !== undefined && file.dtype === spec.dtype && file.dims.length > 0) return dims;
  const options =
    dims !== undefined && file.dims.length > 0
      ? { hint: `convert it: numpy.save(path, array.astype('${spec.dtype}'))` }
      : { hint: `the first axis is the frame: expected ${formatSpec({ dtype: spec.dtype, dims: [-1, ...spec.dims] }).replace('?', 'N')}` };
  throw new MeshError(
    'invalid',
    `${file.path} holds ${formatSpec(file)}; the model's input "${spec.name}" takes ${formatSpec(spec)} per frame`,
    options,
  );
}

function fits(dims: readonly number[], expected: readonly number[]): boolean {
  return dims.length === expected.length && dims.every((dim, axis) => expected[axis]! < 0 || expected[axis] === dim);
}

async function entryOf(reader: NpyReader, spec: TensorSpec, index: number): Promise<Tensor> {
  const entry = await reader.entry(index);
  return { ...entry, dims: entryDims(reader, spec) };
}

function checkSameCount(readers: readonly NpyReader[]): void {
  const first = readers[0]!;
  if (first.count === 0) throw new MeshError('invalid', `${first.path} holds no frames: its first axis is 0`);
  const other = readers.find((reader) => reader.count !== first.count);
  if (other === undefined) return;
  throw new MeshError('invalid', `${first.path} holds ${first.count} frames and ${other.path} ${other.count}; they must be as many`);
}

async function closeAll(readers: readonly NpyReader[]): Promise<void> {
  await Promise.all(readers.map((reader) => reader.close()));
}
