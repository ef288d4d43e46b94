/** Divides layers, carries out the stages as the mesh does, and compares with the whole model. */
import type { LayeredGraph } from '../../../partition/layers.ts';
import type { ParallelWish } from '../../../partition/parallel/parallel-spec.ts';
import { parseParallel } from '../../../partition/parallel/parallel-spec.ts';
import { type SeatedSplit, splitParallel } from '../../../partition/parallel/split-parallel.ts';
import { modelEnds } from '../../../partition/split.ts';
import { Digests } from '../../../partition/stage-files.ts';
import { difference, runSplit, sampleInputs, wholeModel } from './run-split.ts';
import type { Runtime, Tensors } from './runtime.ts';

/** A model that has been carried out undivided, with its weights in a folder: to be divided in several ways. */
export interface Whole {
  readonly layered: LayeredGraph;
  readonly folder: string;
  readonly digests: Digests;
  readonly feeds: Tensors;
  readonly outputs: Tensors;
}

export async function carryOutWhole(runtime: Runtime, folder: string, layered: LayeredGraph): Promise<Whole> {
  const digests = new Digests();
  const feeds = sampleInputs(modelEnds(layered).inputs);
  return { layered, folder, digests, feeds, outputs: await runSplit(runtime, wholeModel(layered), feeds, folder, digests) };
}

export async function checkParallel(
  runtime: Runtime,
  folder: string,
  layered: LayeredGraph,
  how: string | ParallelWish,
): Promise<SeatedSplit> {
  return checkDivided(runtime, await carryOutWhole(runtime, folder, layered), how);
}

/** Throws when the outputs differ by more than 1e-5 of the largest. */
export async function checkDivided(runtime: Runtime, whole: Whole, how: string | ParallelWish): Promise<SeatedSplit> {
  const { layered, folder, digests, feeds } = whole;
  const seated = splitParallel(layered, typeof how === 'string' ? parseParallel(how)! : how);
  const apart = difference(whole.outputs, await runSplit(runtime, seated.split, feeds, folder, digests));
  if (!(apart <= 1e-5)) throw new Error(`${layered.graph.model.name}@${JSON.stringify(how)}: relative difference ${apart}`);
  return seated;
}
