/**
 * Everything about a run that can be decided before there is a mesh: the model, its cut, the input, the output. Whatever is wrong with the
 * command line is found here, when nothing has been started yet.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import { stagesOfCuts } from '../../partition/cut.ts';
import { type ResolvedModel, resolveModel } from '../../partition/load.ts';
import { modelEnds, numberedStages, type Split, type StageLayers, splitModel } from '../../partition/split.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { openInput } from './open-input.ts';
import { type PlannedStage, parsePlanFile } from './plan-file.ts';
import { parseSplit } from './split-spec.ts';

/** What a person can say about it; see `controller run --help`. */
export interface RunWish {
  readonly split: string;
  readonly plan: string | undefined;
  readonly input: string | undefined;
  readonly seed: number;
  readonly frames: number | undefined;
}

export interface PreparedRun {
  readonly model: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly split: Split;
  /** The whole model as a plan of one stage. */
  readonly whole: Split;
  /** What a plan file says of each stage's device; undefined where it says nothing. */
  readonly planned: readonly (string | undefined)[];
  readonly frames: number;
}

/** When neither --frames nor an input says how many. */
const FRAMES_DEFAULT = 100;

/** Errors: `not-found`, `usage`, `invalid`, `unsupported`, each naming what is wrong and what was expected. */
export async function prepareRun(wish: RunWish, cacheDir: string): Promise<PreparedRun> {
  const { model, cuts } = parseSplit(wish.split, (name) => findZooModel(name) !== undefined || existsSync(name));
  const resolved = await resolveModel(model, { cacheDir });
  const { layered } = resolved;
  const stages =
    wish.plan === undefined ? numberedStages(stagesOfCuts(layered, cuts)) : await plannedStages(wish.plan, model, cuts, resolved);
  const ends = modelEnds(layered);
  return {
    model: resolved.name,
    ...ends,
    split: splitModel(layered, stages),
    whole: splitModel(layered, [{ id: 'whole', layers: layered.layers.map((layer) => layer.number) }]),
    planned: stages.map((stage: StageLayers & Partial<PlannedStage>) => stage.device),
    frames: await countFrames(wish, ends.inputs),
  };
}

async function plannedStages(file: string, model: string, cuts: readonly string[], { layered }: ResolvedModel): Promise<PlannedStage[]> {
  if (cuts.length > 0) {
    throw new MeshError('usage', '--plan says what the stages are; --split must name the model without cuts', { hint: `--split ${model}` });
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new MeshError('usage', `--plan: ${file} can't be read: ${(error as Error).message}`, { cause: error });
  }
  return parsePlanFile(text, file, layered.layers.length);
}

/** Opens the input once, to see that it fits. */
async function countFrames({ input, seed, frames }: RunWish, specs: readonly TensorSpec[]): Promise<number> {
  const opened = await openInput(input, specs, seed);
  try {
    return frames ?? opened.count ?? FRAMES_DEFAULT;
  } finally {
    await opened.close();
  }
}
