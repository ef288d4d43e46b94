/** Divides layers, carries out the stages as the mesh does, and compares with the whole model. */
import type { LayeredGraph } from '../../../partition/layers.ts';
import type { ParallelWish } from '../../../partition/parallel/parallel-spec.ts';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';
import { type SeatedSplit, splitParallel } from '../../../partition/parallel/split-parallel.ts';
import { modelEnds } from '../../../partition/split.ts';
import { difference, runSplit, sampleInputs, wholeModel } from './run-split.ts';
import type { Runtime } from './runtime.ts';

/** Throws when the outputs differ by more than 1e-5 of the largest. */
export async function checkParallel(
  runtime: Runtime,
  folder: string,
  layered: LayeredGraph,
  how: string | ParallelWish,
): Promise<SeatedSplit> {
  const seated = splitParallel(layered, typeof how === 'string' ? parseParallel(how)! : how);
  const feeds = sampleInputs(modelEnds(layered).inputs);
  const whole = await runSplit(runtime, wholeModel(layered), feeds, folder);
  const apart = difference(whole, await runSplit(runtime, seated.split, feeds, folder));
  if (!(apart <= 1e-5)) throw new Error(`${layered.graph.model.name}@${JSON.stringify(how)}: relative difference ${apart}`);
  return seated;
}
