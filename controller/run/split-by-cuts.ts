/** From what is said after the @ to stages: places to cut at, or layers to compute side by side. */
import { MeshError } from '../../mesh/error.ts';
import { stagesOfCuts } from '../../partition/cut.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import { parseParallel } from '../../partition/parallel/parallel-spec.ts';
import { bytesBetween, type SeatedSplit, splitParallel } from '../../partition/parallel/split-parallel.ts';
import { numberedStages, splitModel } from '../../partition/split.ts';

/** What computing layers in parallel parts costs, whatever devices compute them. */
export interface ParallelCosts {
  /** Multiply-accumulates of the parts together ÷ those of the layers they replace. What is above 1 is computed twice: the halo of tiles. */
  readonly work: number;
  /** Bytes of a frame's tensors that go from one device to another, before any encoding; null when a size is not known in advance. */
  readonly bytesBetween: number | null;
  /** With `:auto`: how much each device was given of the divided layers, 1 in all, in proportion to its measured speed. */
  readonly shares?: readonly number[];
}

/** A split whose parts shall be as large as their devices are fast. */
export interface CutResult extends SeatedSplit {
  /** Only with `:auto`: the same with other shares. */
  readonly withShares?: (shares: readonly number[]) => SeatedSplit;
}

/** Between cuts each stage has a seat of its own. Errors: `usage`, `unsupported`, each naming what is wrong. */
export function splitByCuts(layered: LayeredGraph, cuts: readonly string[]): CutResult {
  const parallel = cuts.find((cut) => parseParallel(cut) !== undefined);
  if (parallel === undefined) {
    const split = splitModel(layered, numberedStages(stagesOfCuts(layered, cuts)));
    const seatOf = split.stages.map((_, index) => index);
    return { split, seatOf, work: undefined, bytesBetween: bytesBetween(split, seatOf, layered.facts), parts: [] };
  }
  if (cuts.length > 1) {
    throw new MeshError('usage', `"${cuts.join(',')}": layers in parallel parts can't be combined with other cuts`, {
      hint: `only ${parallel}`,
    });
  }
  const wish = parseParallel(parallel)!;
  const equal = splitParallel(layered, wish);
  if (wish.kind === 'mobihoc2022' || wish.bySpeed === undefined) return equal;
  return { ...equal, withShares: (shares) => splitParallel(layered, { ...wish, shares: [shares] }) };
}
