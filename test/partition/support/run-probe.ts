/** Runs a shape probe as an agent would: once, on zeros, with size 1 where any size will do. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { TensorSpec } from '../../../mesh/tensor.ts';
import type { ShapeProbe } from '../../../partition/probe/shape-probe.ts';
import { stageFiles, writeStageFiles } from '../../../partition/stage-files.ts';
import type { Runtime } from './runtime.ts';

/** A new folder below `folder` takes the files. */
export async function runProbe(runtime: Runtime, folder: string, { model, inputs, outputs }: ShapeProbe): Promise<TensorSpec[]> {
  const path = await writeStageFiles(await stageFiles(model), await mkdtemp(join(folder, 'probe-')));
  const feeds = inputs.map(({ name, dtype, dims }) => [name, { dtype, dims: dims.map((dim) => (dim < 0 ? 1 : dim)) }] as const);
  return await runtime.shapes(path, Object.fromEntries(feeds), outputs);
}
