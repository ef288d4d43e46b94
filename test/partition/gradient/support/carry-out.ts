/** Runs a model that a pass has written, with numbers in and numbers out. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Model } from '../../../../partition/model.ts';
import { stageFiles, writeStageFiles } from '../../../../partition/stage-files.ts';
import type { PlainTensor, Runtime } from '../../support/runtime.ts';
import type { Tensor64 } from './reference/tensor64.ts';

export type Kind = 'float32' | 'float64' | 'int64';

export interface Feed64 extends Tensor64 {
  /** Default float32. */
  readonly dtype?: Kind;
}

export interface Carrier {
  readonly runtime: Runtime;
  readonly folder: string;
}

/** Writes the model once; what is returned runs it. `again`: several times in a row. */
export async function carrierOf({ runtime, folder }: Carrier, model: Model, again = false) {
  const path = await writeStageFiles(await stageFiles(model), await mkdtemp(join(folder, 'model-')));
  return async (feeds: Readonly<Record<string, Feed64>>, outputs: readonly string[]): Promise<Readonly<Record<string, Tensor64>>> => {
    const given = Object.entries(feeds).map(([name, feed]) => [name, toPlain(feed)] as const);
    const made = again
      ? await runtime.runAgain(path, Object.fromEntries(given), outputs)
      : await runtime.run(path, Object.fromEntries(given), outputs);
    return Object.fromEntries(outputs.map((name) => [name, fromPlain(made[name]!)]));
  };
}

function toPlain({ dims, data, dtype = 'float32' }: Feed64): PlainTensor {
  if (dtype === 'float64') return { dtype, dims, data: new Float64Array(data).buffer };
  if (dtype === 'int64') return { dtype, dims, data: BigInt64Array.from(data, (value) => BigInt(value)).buffer };
  return { dtype, dims, data: new Float32Array(data).buffer };
}

function fromPlain({ dtype, dims, data }: PlainTensor): Tensor64 {
  if (dtype === 'float64') return { dims, data: new Float64Array(data) };
  if (dtype === 'int64') return { dims, data: Float64Array.from(new BigInt64Array(data), Number) };
  return { dims, data: new Float64Array(new Float32Array(data)) };
}
