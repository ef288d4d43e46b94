/**
 * Reads ONNX files. Weights stay where they are: what is larger than a kilobyte becomes a range of the model file or of a data file
 * beside it, so that a model of any size needs little memory.
 *
 * What a file may be is decided here (protobuf, a graph, operator versions, data that really is there); whether its graph makes sense
 * is decided in `graph.ts`.
 */
import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MeshError } from '../mesh/error.ts';
import { ModelProto, type TensorProto } from '../proto/gen/onnx/onnx.ts';
import { bufferSource, FileSource } from './byte-source.ts';
import { type DataFolder, externalPayload } from './external-data.ts';
import { type ByteSource, liftWeights, RANGE, WireError } from './lift-weights.ts';
import { expectedBytes, INLINE_BYTES_MAX, type Model, OPSET_MAX, OPSET_MIN, opsetOf, tensorsOfGraph, tensorsOfNodes } from './model.ts';
import type { Payload } from './payload.ts';

/**
 * A model file with its external data. Errors: `not-found` when there is no such file, `invalid` when it is damaged or no ONNX model,
 * `unsupported` for operator versions outside {@link OPSET_MIN} to {@link OPSET_MAX}.
 */
export function readModelFile(path: string): Model {
  requireFile(path);
  using source = new FileSource(path);
  return decode(path, source, (offset, length) => ({ kind: 'file', path, offset, length }), { model: path, folder: dirname(path) });
}

/** A model that is in memory, without external data. `name` is for messages. The payloads are views of `bytes`. */
export function readModel(bytes: Uint8Array, name: string): Model {
  const range = (offset: number, length: number): Payload => ({ kind: 'memory', bytes: bytes.subarray(offset, offset + length) });
  return decode(name, bufferSource(bytes), range, undefined);
}

function decode(
  name: string,
  source: ByteSource,
  range: (offset: number, length: number) => Payload,
  folder: DataFolder | undefined,
): Model {
  if (source.size === 0) throw notOnnx(name, 'it is empty');
  const proto = decodeProto(name, source);
  if (proto.graph === undefined || (proto.irVersion === 0n && proto.opsetImport.length === 0)) {
    throw notOnnx(name, proto.graph === undefined ? 'it holds no graph' : 'it names no version');
  }
  checkOpset(name, proto);
  const payloads = new Map<TensorProto, Payload>();
  for (const tensor of tensorsOfModel(proto)) {
    const payload = liftedPayload(name, tensor, range, source.size) ?? externalPayload(name, tensor, folder);
    if (payload !== undefined) payloads.set(tensor, payload);
  }
  return { name, proto, payloads };
}

function decodeProto(name: string, source: ByteSource): ModelProto {
  try {
    return ModelProto.decode(liftWeights(source, INLINE_BYTES_MAX));
  } catch (thrown) {
    if (thrown instanceof WireError && thrown.truncated) {
      throw new MeshError('invalid', `${name} is cut off or damaged: at byte ${thrown.at} ${thrown.message}`, {
        hint: 'copy or export the file again and compare its size',
        cause: thrown,
      });
    }
    if (new TextDecoder().decode(source.read(0, Math.min(source.size, 40))).startsWith('version https://git-lfs')) {
      throw new MeshError('invalid', `${name} is a Git LFS pointer, not the model itself`, { hint: 'fetch the file with: git lfs pull' });
    }
    if (thrown instanceof WireError) throw notOnnx(name, `at byte ${thrown.at} ${thrown.message}`, thrown);
    throw notOnnx(name, MeshError.from(thrown).message, thrown);
  }
}

function notOnnx(name: string, why: string, cause?: unknown): MeshError {
  const options = { hint: 'expected a model exported as ONNX (a protobuf ModelProto, usually NAME.onnx)' };
  return new MeshError('invalid', `${name} is not an ONNX model: ${why}`, cause === undefined ? options : { ...options, cause });
}

function checkOpset(name: string, proto: ModelProto): void {
  const opset = opsetOf(proto);
  if (opset !== 0 && (opset < OPSET_MIN || opset > OPSET_MAX)) {
    throw new MeshError('unsupported', `${name} uses version ${opset} of the ONNX operators; expected ${OPSET_MIN} to ${OPSET_MAX}`, {
      hint: 'export it again for a version in this range, or convert it with onnx.version_converter',
    });
  }
}

function* tensorsOfModel(proto: ModelProto): Generator<TensorProto, void, undefined> {
  if (proto.graph !== undefined) yield* tensorsOfGraph(proto.graph);
  for (const called of proto.functions) yield* tensorsOfNodes(called.node);
}

/** The range of the model file that `liftWeights` noted, checked against the tensor's shape; the note is taken out. */
function liftedPayload(
  name: string,
  tensor: TensorProto,
  range: (offset: number, length: number) => Payload,
  size: number,
): Payload | undefined {
  const notes = tensor.externalData.filter((entry) => entry.key === RANGE);
  if (notes.length === 0) return undefined;
  tensor.externalData = tensor.externalData.filter((entry) => entry.key !== RANGE);
  const [offset = Number.NaN, length = Number.NaN] = notes[0]!.value.split(':').map(Number);
  const expected = expectedBytes(`${name}: tensor "${tensor.name}"`, tensor);
  const inside = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= size;
  if (notes.length > 1 || !inside || (expected !== undefined && length !== expected)) {
    const found = notes.length > 1 ? `${notes.length} blocks of data` : `${length} bytes`;
    throw new MeshError('invalid', `${name}: tensor "${tensor.name}" holds ${found}, its shape needs one block of ${expected} bytes`);
  }
  return range(offset, length);
}

function requireFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isFile()) return;
  const folder = dirname(path);
  const names = statSync(folder, { throwIfNoEntry: false })?.isDirectory()
    ? readdirSync(folder).filter((name) => name.endsWith('.onnx'))
    : [];
  const hint = names.length === 0 ? 'expected the path of an .onnx file' : `models in that folder: ${names.slice(0, 8).join(', ')}`;
  throw new MeshError('not-found', found === undefined ? `there is no file ${path}` : `${path} is not a file`, { hint });
}
