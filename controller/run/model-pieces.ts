/**
 * A model cut into the pieces of a run, and whole for comparison. The files are made when they are asked for; weights that pieces and the
 * whole share are read once.
 */
import type { TensorSpec } from '../../mesh/tensor.ts';
import { stagesOfCuts } from '../../partition/cut.ts';
import { type ResolvedModel, resolveModel } from '../../partition/load.ts';
import { modelEnds, numberedStages, type Split, splitModel } from '../../partition/split.ts';
import { Digests, type StageFiles, stageFiles } from '../../partition/stage-files.ts';

export interface WantedStage {
  readonly id: string;
  readonly layers: readonly number[];
}

export class ModelPieces {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly split: Split;
  /** The whole model as a plan of one stage. */
  readonly whole: Split;
  readonly #digests = new Digests();

  /** `stages`: from the number of layers. Errors: of partition/split.ts, `usage` when the stages are no partition of the layers. */
  constructor({ name, layered }: ResolvedModel, stages: readonly WantedStage[]) {
    this.name = name;
    this.inputs = modelEnds(layered).inputs;
    this.split = splitModel(layered, stages);
    this.whole = splitModel(layered, [{ id: 'whole', layers: layered.layers.map((layer) => layer.number) }]);
  }

  /** Files of each stage, by its id. */
  async filesOf(split: Split): Promise<ReadonlyMap<string, StageFiles>> {
    const files = new Map<string, StageFiles>();
    for (const stage of split.stages) files.set(stage.id, await stageFiles(stage.model, this.#digests));
    return files;
  }
}

export function openModel(name: string, cacheDir: string): Promise<ResolvedModel> {
  return resolveModel(name, { cacheDir });
}

/** `stage1`, `stage2`, … between the cuts. Error `usage` naming the cut. */
export function stagesAtCuts({ layered }: ResolvedModel, cuts: readonly string[]): readonly WantedStage[] {
  return numberedStages(stagesOfCuts(layered, cuts));
}
