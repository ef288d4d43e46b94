/**
 * Segments of a model: some layers that follow each other, as a stage of a run would have them. Where they begin and how many they are is left to chance, so
 * that none of the places where a person would cut is preferred.
 */
import { join } from 'node:path';
import type { Blob } from '../../../mesh/files/blob.ts';
import type { Random } from '../../../mesh/random.ts';
import { formatLayers } from '../../../partition/layer-ranges.ts';
import type { LayeredGraph } from '../../../partition/layers.ts';
import type { ResolvedModel } from '../../../partition/load.ts';
import { type StageModel, splitModel } from '../../../partition/split.ts';
import { type Digests, type StageFile, stageFiles, writeStageFiles } from '../../../partition/stage-files.ts';
import { activationsOf } from '../fused-activation.ts';
import { familyOf, modelName } from './families.ts';
import { bytesOfSpecs, type PreparedSubject, subjectKey } from './subject.ts';

/** First and last layer. */
export type Segment = readonly [number, number];

/** Its files are copied: what a device measures of larger ones is its memory, which whole models show. */
const WEIGHT_BYTES_MAX = 64 * 2 ** 20;
const TRIES_PER_SEGMENT = 20;

/**
 * Different ones, of at least two layers and not all; fewer when the model has no more. Lengths are log-uniform: short segments are as likely as long ones.
 */
export function drawSegments(layered: Pick<LayeredGraph, 'layers'>, count: number, random: Random): readonly Segment[] {
  const { layers } = layered;
  const found = new Map<string, Segment>();
  if (layers.length < 3) return [];
  for (let left = count * TRIES_PER_SEGMENT; left > 0 && found.size < count; left -= 1) {
    const length = Math.min(layers.length - 1, Math.floor(2 * (layers.length / 2) ** random.next()));
    const first = 1 + random.below(layers.length - length + 1);
    const segment = [first, first + length - 1] as const;
    const bytes = layers.slice(segment[0] - 1, segment[1]).reduce((sum, { weightBytes }) => sum + weightBytes, 0);
    if (bytes <= WEIGHT_BYTES_MAX) found.set(segment.join(), segment);
  }
  return [...found.values()];
}

/** Undefined: these layers can't be a stage (they read nothing of a frame, or a tensor that can't travel). */
export function segmentModel(layered: LayeredGraph, [first, last]: Segment): StageModel | undefined {
  const parts = [
    { id: 'before', layers: range(1, first - 1) },
    { id: 'segment', layers: range(first, last) },
    { id: 'after', layers: range(last + 1, layered.layers.length) },
  ].filter(({ layers }) => layers.length > 0);
  try {
    return splitModel(layered, parts).stages.find(({ id }) => id === 'segment');
  } catch {
    return undefined;
  }
}

/** Its files are written to the folder, where segments of one model share weights. */
export async function segmentSubject(
  { name, layered }: ResolvedModel,
  stage: StageModel,
  folder: string,
  digests: Digests,
): Promise<PreparedSubject> {
  const model = modelName(name);
  const part = formatLayers(stage.layerNumbers);
  const files = await stageFiles(stage.model, digests, `${model}-${part}.onnx`);
  await writeStageFiles(files, folder);
  const paths = new Map<Blob, string>();
  const blobOf = ({ sha256, bytes, name: file }: StageFile): Blob => {
    const blob = { sha256: new Uint8Array(Buffer.from(sha256, 'hex')), bytes };
    paths.set(blob, join(folder, file));
    return blob;
  };
  const what = { kind: 'segment', model, family: familyOf(model), part } as const;
  return {
    key: subjectKey(what),
    subject: { ...what, sha256: files.model.sha256, inputBytes: bytesOfSpecs(stage.inputs), outputBytes: bytesOfSpecs(stage.outputs) },
    item: {
      model: blobOf(files.model),
      externalData: new Map(files.weights.map((file) => [file.name, blobOf(file)])),
      inputs: stage.inputs,
      outputs: stage.outputs.map(({ name: output }) => output),
    },
    activations: activationsOf(layered.graph),
    paths,
  };
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
