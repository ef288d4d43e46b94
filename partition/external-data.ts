/**
 * Weights that lie in files beside the model. A model says where with a path relative to its folder; such a path comes from a stranger
 * and must not lead out of that folder, neither by `..` nor through a symbolic link.
 */
import { realpathSync, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { MeshError } from '../mesh/error.ts';
import { type TensorProto, TensorProto_DataLocation } from '../proto/gen/onnx/onnx.ts';
import { expectedBytes } from './model.ts';
import type { Payload } from './payload.ts';

export interface DataFolder {
  /** Path of the model file. */
  readonly model: string;
  readonly folder: string;
}

/** The file range a tensor names, checked; undefined for a tensor that is not external. `folder` undefined: the model is in memory only. */
export function externalPayload(name: string, tensor: TensorProto, folder: DataFolder | undefined): Payload | undefined {
  if (tensor.dataLocation !== TensorProto_DataLocation.EXTERNAL) return undefined;
  const about = `${name}: external data of tensor "${tensor.name}"`;
  const fields = new Map(tensor.externalData.map((entry) => [entry.key, entry.value]));
  const location = fields.get('location') ?? '';
  if (folder === undefined) {
    throw new MeshError('unsupported', `${about} is in file ${JSON.stringify(location)}, but the model was not read from a folder`);
  }
  const path = insideFolder(about, location, folder);
  const size = statSync(path).size;
  const expected = expectedBytes(about, tensor);
  const offset = byteNumber(about, 'offset', fields.get('offset')) ?? 0;
  const length = byteNumber(about, 'length', fields.get('length')) ?? expected ?? size - offset;
  if (length < 0 || offset + length > size) {
    throw new MeshError('invalid', `${about} needs bytes ${offset} to ${offset + length} of ${path}, which has ${size}`, {
      hint: 'the data file is cut off or belongs to another model; copy both again',
    });
  }
  if (expected !== undefined && expected !== length) {
    throw new MeshError('invalid', `${about} has ${length} bytes, its shape [${tensor.dims.join(', ')}] needs ${expected}`);
  }
  return { kind: 'file', path, offset, length };
}

function insideFolder(about: string, location: string, { model, folder }: DataFolder): string {
  const path = resolve(folder, location);
  if (location === '' || location.includes('\0') || isAbsolute(location) || !isBelow(path, resolve(folder))) {
    throw new MeshError('denied', `${about} is said to be in ${JSON.stringify(location)}; expected a file in the model's folder`);
  }
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new MeshError('not-found', `${about} should be in ${path}, and there is no such file`, {
      hint: 'copy the data file into the folder of the model',
    });
  }
  const real = realpathSync(path);
  // Download caches link both files into one folder of contents: beside the real model is as good as beside its link.
  if (!isBelow(real, realpathSync(folder)) && !isBelow(real, dirname(realpathSync(model)))) {
    throw new MeshError('denied', `${about} is behind a link that leads out of the model's folder, to ${real}`);
  }
  return path;
}

function isBelow(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function byteNumber(about: string, key: string, text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) {
    throw new MeshError('invalid', `${about}: ${key} is ${JSON.stringify(text)}; expected a number of bytes`);
  }
  return value;
}
