/**
 * Everything about a run that can be decided before there is a mesh: the model, its cut, the input, the output. Whatever is wrong with the
 * command line is found here, when nothing has been started yet.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { LayeredGraph } from '../../partition/layers.ts';
import type { ResolvedModel } from '../../partition/load.ts';
import { type SeatedSplit, speedsOf } from '../../partition/parallel/split-parallel.ts';
import type { Replicas } from '../../partition/replicate.ts';
import { modelEnds, type Split, splitModel } from '../../partition/split.ts';
import { parseSplit } from '../../partition/split-spec.ts';
import { findZooModel } from '../../partition/zoo/catalogue.ts';
import { makePlan } from './make-plan.ts';
import { openInput } from './open-input.ts';
import { type PlannedStage, parsePlanFile } from './plan-file.ts';
import { type CutResult, type ParallelCosts, splitByCuts } from './split-by-cuts.ts';

/** What a person can say about it; see `controller run --help`. */
export interface RunWish {
  readonly split: string;
  readonly plan: string | undefined;
  readonly input: string | undefined;
  readonly seed: number;
  readonly frames: number | undefined;
}

/** What the size of parallel parts decides. */
export type Balanced = Pick<PreparedCut, 'split' | 'seatOf' | 'parallel'>;

export interface PreparedRun {
  readonly model: string;
  readonly resolved: ResolvedModel;
  readonly layered: LayeredGraph;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** The whole model as a plan of one stage. */
  readonly whole: Split;
  /** Undefined: `@auto`, to be found out on the mesh. */
  readonly cut: PreparedCut | undefined;
  readonly frames: number;
}

export interface PreparedCut {
  readonly split: Split;
  /** A device is wanted for each seat, one for each stage or replica. What a plan file says of it; undefined where it says nothing. */
  readonly planned: readonly (string | undefined)[];
  /** The seat of each stage: stages of one seat share its device. Of a replicated stage the first, the others follow. */
  readonly seatOf: readonly number[];
  /** Stage on several devices → how many frames each gets, in proportion. */
  readonly shares: ReadonlyMap<string, readonly number[]>;
  /** Of layers in parallel parts; undefined without them. */
  readonly parallel: ParallelCosts | undefined;
  /** Only when parts shall be as large as their devices are fast: settles that, given what each stage takes for one frame. */
  readonly balance?: (computeMs: (stage: string) => number | undefined) => Balanced;
}

/** In place of a cut: find the best. */
const AUTO = 'auto';

/** When neither --frames nor an input says how many. */
const FRAMES_DEFAULT = 100;

/** Errors: `not-found`, `usage`, `invalid`, `unsupported`, each naming what is wrong and what was expected. */
export async function prepareRun(wish: RunWish, load: (nameOrPath: string) => Promise<ResolvedModel>): Promise<PreparedRun> {
  const { model, cuts } = parseSplit(wish.split, (name) => findZooModel(name) !== undefined || existsSync(name));
  const resolved = await load(model);
  const { layered } = resolved;
  const cut = wish.plan === undefined && cuts.length === 1 && cuts[0] === AUTO ? undefined : await cutModel(wish, resolved, model, cuts);
  const ends = modelEnds(layered);
  return {
    model: resolved.name,
    resolved,
    layered,
    ...ends,
    cut,
    whole: splitModel(layered, [{ id: 'whole', layers: layered.layers.map((layer) => layer.number) }]),
    frames: await countFrames(wish, ends.inputs),
  };
}

async function cutModel(wish: RunWish, resolved: ResolvedModel, model: string, cuts: readonly string[]): Promise<PreparedCut> {
  const { layered } = resolved;
  if (wish.plan === undefined) {
    const cut = splitByCuts(layered, cuts);
    const { withShares, ...seated } = cut;
    const planned = Array.from({ length: Math.max(...seated.seatOf) + 1 }, () => undefined);
    const settled = { ...seats(seated), shares: new Map(), planned };
    return withShares === undefined ? settled : { ...settled, balance: (computeMs) => balanced(seated, withShares, computeMs) };
  }
  const stages = await plannedStages(wish.plan, model, cuts, resolved);
  const planned = cutOfStages(layered, stages);
  refuseTurns(planned, wish.plan);
  return planned;
}

/** Stages that somebody chose, as a cut. Errors: those of `splitModel`. */
export function cutOfStages(layered: LayeredGraph, stages: readonly PlannedStage[]): PreparedCut {
  const named = stages.map(({ device, replicas }) => replicas?.devices ?? [device]);
  return {
    split: splitModel(layered, stages),
    planned: named.flat(),
    seatOf: named.map((_, index) => named.slice(0, index).flat().length),
    shares: new Map(stages.flatMap(({ id, replicas }) => (replicas === undefined ? [] : [[id, replicas.shares]]))),
    parallel: undefined,
  };
}

/** The model in one piece. */
export function wholeCut({ whole }: PreparedRun): PreparedCut {
  return { split: whole, planned: [undefined], seatOf: [0], shares: new Map(), parallel: undefined };
}

/** Turns that can't be combined, found before anything is started. */
function refuseTurns(prepared: Pick<PreparedCut, 'split' | 'seatOf' | 'shares' | 'planned'>, file: string): void {
  try {
    makePlan(
      prepared.split,
      placesOf(
        prepared,
        prepared.planned.map((device) => device ?? 'any'),
      ),
      'none',
      1n,
    );
  } catch (error) {
    const { message, hint } = MeshError.from(error);
    throw new MeshError('usage', `${file}: ${message}`, { cause: error, ...(hint === undefined ? {} : { hint }) });
  }
}

/** What each stage runs on. `seats`: the device of each seat. */
export function placesOf(
  { split, seatOf, shares }: Pick<PreparedCut, 'split' | 'seatOf' | 'shares'>,
  seats: readonly string[],
): (string | Replicas)[] {
  return split.stages.map(({ id }, index) => {
    const seat = seatOf[index]!;
    const portions = shares.get(id);
    return portions === undefined ? seats[seat]! : { devices: seats.slice(seat, seat + portions.length), shares: portions };
  });
}

function seats({ split, seatOf, work, bytesBetween }: SeatedSplit): Balanced {
  return { split, seatOf, parallel: work === undefined ? undefined : { work, bytesBetween: bytesBetween ?? null } };
}

/** Errors: those of `speedsOf`; `usage` when a device is so slow that nothing is left for it. */
function balanced(
  equal: SeatedSplit,
  withShares: NonNullable<CutResult['withShares']>,
  computeMs: (stage: string) => number | undefined,
): Balanced {
  const speeds = speedsOf(equal.parts, computeMs);
  const total = speeds.reduce((sum, speed) => sum + speed, 0);
  const shares = speeds.map((speed) => speed / total);
  const found = seats(withShares(shares));
  return found.parallel === undefined ? found : { ...found, parallel: { ...found.parallel, shares } };
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

/** Opens the input once, to see that it fits and can be read. */
async function countFrames({ input, seed, frames }: RunWish, specs: readonly TensorSpec[]): Promise<number> {
  const opened = await openInput(input, specs, seed);
  try {
    const count = frames ?? opened.count ?? FRAMES_DEFAULT;
    await opened.check(count);
    return count;
  } finally {
    await opened.close();
  }
}
