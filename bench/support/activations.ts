/**
 * What crosses a cut: models of the zoo, cut, run with ONNX Runtime on pictures like photographs.
 *
 *     picture ─▶ near side ─▶ tensor ─▶ (a codec, there and back) ─▶ far side ─▶ scores
 *
 * Both sides are split and written as for a run, into a cache, and each side is one session with one thread.
 */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { stagesOfCuts } from '../../partition/cut.ts';
import { resolveModel } from '../../partition/load.ts';
import { numberedStages, splitModel } from '../../partition/split.ts';
import { Digests, stageFiles, writeStageFiles } from '../../partition/stage-files.ts';
import { modelInput } from './natural-image.ts';

export interface CutPoint {
  readonly model: string;
  /** A layer's number; one tensor must cross there. */
  readonly layer: number;
}

export interface Activation {
  readonly dims: readonly number[];
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Of each model early, in the middle, late; where people cut: few bytes, one tensor. */
export const cutPoints: readonly CutPoint[] = [
  { model: 'resnet50', layer: 2 },
  { model: 'resnet50', layer: 28 },
  { model: 'resnet50', layer: 57 },
  { model: 'mobilenetv2', layer: 5 },
  { model: 'mobilenetv2', layer: 28 },
  { model: 'mobilenetv2', layer: 49 },
  { model: 'vit-tiny', layer: 9 },
  { model: 'vit-tiny', layer: 49 },
  { model: 'vit-tiny', layer: 89 },
];

const IMAGE_SIZE = 224;

/** A model that is cut once. */
export class CutModel {
  readonly #near: InferenceSession;
  readonly #far: InferenceSession;
  readonly #crossing: string;

  private constructor(near: InferenceSession, far: InferenceSession, crossing: string) {
    this.#near = near;
    this.#far = far;
    this.#crossing = crossing;
  }

  /** `cacheDir`: of the models; stages are written below it, weights shared among them. */
  static async open({ model: name, layer }: CutPoint, cacheDir: string): Promise<CutModel> {
    const { layered } = await resolveModel(name, { cacheDir });
    const { stages, routes } = splitModel(layered, numberedStages(stagesOfCuts(layered, [`layer${layer}`])));
    const crossing = routes.find(({ from, to }) => from === 'stage1' && to === 'stage2')?.tensors ?? [];
    if (crossing.length !== 1) throw new Error(`${crossing.length} tensors cross ${name} after layer ${layer}; expected one`);
    const digests = new Digests();
    const sessions: InferenceSession[] = [];
    for (const { id, model } of stages) {
      const files = await stageFiles(model, digests, `layer${layer}-${id}.onnx`);
      sessions.push(await openSession(await writeStageFiles(files, join(cacheDir, 'bench', name))));
    }
    return new CutModel(sessions[0]!, sessions[1]!, crossing[0]!);
  }

  /** What crosses the cut for the picture of this seed. */
  async activation(seed: number): Promise<Activation> {
    const picture = new Tensor('float32', modelInput(seed, IMAGE_SIZE), [1, 3, IMAGE_SIZE, IMAGE_SIZE]);
    const results = await this.#near.run({ [this.#near.inputNames[0]!]: picture }, [this.#crossing]);
    const { dims, data } = results[this.#crossing]!;
    const { buffer, byteOffset, byteLength } = data as Float32Array<ArrayBuffer>;
    return { dims, data: new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength)) };
  }

  /** The model's scores, given what crossed. */
  async scores({ dims, data }: Activation): Promise<Float32Array> {
    const floats = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
    const results = await this.#far.run({ [this.#crossing]: new Tensor('float32', floats, dims) });
    return Float32Array.from(results[this.#far.outputNames[0]!]!.data as Float32Array);
  }

  async release(): Promise<void> {
    await this.#near.release();
    await this.#far.release();
  }
}

function openSession(path: string): Promise<InferenceSession> {
  return InferenceSession.create(path, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}
