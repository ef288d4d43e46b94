/** From what is said after the @ to stages: places to cut at, or layers to compute side by side. */
import { MeshError } from '../../mesh/error.ts';
import { stagesOfCuts } from '../../partition/cut.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { parseParallel } from '../../partition/parallel/parallel-spec.ts';
import { type SeatedSplit, splitParallel } from '../../partition/parallel/split-parallel.ts';
import { numberedStages, splitModel } from '../../partition/split.ts';

/** Between cuts each stage has a seat of its own. Errors: `usage`, `unsupported`, each naming what is wrong. */
export function splitByCuts(layered: LayeredGraph, cuts: readonly string[]): SeatedSplit {
  const parallel = cuts.find((cut) => parseParallel(cut) !== undefined);
  if (parallel === undefined) {
    const split = splitModel(layered, numberedStages(stagesOfCuts(layered, cuts)));
    return { split, seatOf: split.stages.map((_, index) => index), work: undefined };
  }
  if (cuts.length > 1) {
    throw new MeshError('usage', `"${cuts.join(',')}": tiles and pieces can't be combined with other cuts`, { hint: `only ${parallel}` });
  }
  return splitParallel(layered, parseParallel(parallel)!);
}
