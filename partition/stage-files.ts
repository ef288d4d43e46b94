/**
 * The files of a stage: its model, and beside it one file for each big weight, named by its content. Moving a cut moves only weights
 * that change sides, and a device that has a weight already keeps it.
 */
import { mkdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { ModelProto, type TensorProto } from '../proto/gen/onnx/onnx.ts';
import { inlineTensor } from './inline.ts';
import type { Model } from './model.ts';
import { type Payload, payloadLength, sha256OfPayload, streamPayload } from './payload.ts';

export interface StageFile {
  /** As the model refers to it: no folders in it. */
  readonly name: string;
  /** 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly bytes: number;
  readonly content: Payload;
}

export interface StageFiles {
  readonly model: StageFile;
  readonly weights: readonly StageFile[];
}

/** Weights up to this size travel inside the model file: a file of its own costs more than sending them again. */
export const STAGE_INLINE_BYTES_MAX = 64 * 1024;

/** Remembers digests of payloads, so that stages and the whole model, which share their weights, read each weight once. */
export class Digests {
  readonly #known = new Map<Payload, Promise<string>>();

  of(payload: Payload): Promise<string> {
    const known = this.#known.get(payload) ?? sha256OfPayload(payload);
    this.#known.set(payload, known);
    return known;
  }
}

/** Reads every big weight once for its digest, a piece at a time. `name`: of the model file. */
export async function stageFiles(model: Model, digests: Digests = new Digests(), name = 'model.onnx'): Promise<StageFiles> {
  const weights = new Map<string, StageFile>();
  const initializer: TensorProto[] = [];
  for (const tensor of model.proto.graph!.initializer) {
    const content = model.payloads.get(tensor);
    if (content === undefined || payloadLength(content) <= STAGE_INLINE_BYTES_MAX) {
      initializer.push(inlineTensor(tensor, model.payloads));
      continue;
    }
    const sha256 = await digests.of(content);
    const file: StageFile = { name: `${sha256}.bin`, sha256, bytes: payloadLength(content), content };
    weights.set(file.name, file);
    initializer.push(external(tensor, file));
  }
  const bytes = ModelProto.encode({ ...model.proto, graph: { ...model.proto.graph!, initializer } }).finish();
  const content: Payload = { kind: 'memory', bytes };
  const file = { name, sha256: await sha256OfPayload(content), bytes: bytes.byteLength, content };
  return { model: file, weights: [...weights.values()] };
}

/**
 * Writes them into a folder (made if missing), where stages may share weights: one that is there already, whole, is kept. Returns the
 * path of the model.
 */
export async function writeStageFiles({ model, weights }: StageFiles, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  for (const { name, bytes, content } of [...weights, model]) {
    if (content !== model.content && statSync(join(folder, name), { throwIfNoEntry: false })?.size === bytes) continue;
    await using file = await open(join(folder, name), 'w');
    for await (const chunk of streamPayload(content)) await file.writeFile(chunk);
  }
  return join(folder, model.name);
}

function external(tensor: TensorProto, { name, bytes }: StageFile): TensorProto {
  const entries = { location: name, offset: '0', length: `${bytes}` };
  return {
    ...tensor,
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
    rawData: undefined,
    floatData: [],
    doubleData: [],
  };
}
