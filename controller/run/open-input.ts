/**
 * What `--input` means for a model:
 *
 *     nothing           random numbers                    frames.npy    the only input's frames
 *     folder/NAME.npy   one file per input                folder of .png, .jpg    one frame per picture, by file name
 *     picture.jpg       one frame
 */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { FrameInput } from './frame-input.ts';
import { imageInput } from './image-input.ts';
import { npyInput } from './npy-input.ts';
import { randomInput } from './random-input.ts';

const pictures = new Set(['.png', '.jpg', '.jpeg']);

/** Errors: `not-found`, `usage` when the kind of file is wrong, `invalid` when the content does not fit the model. */
export async function openInput(path: string | undefined, specs: readonly TensorSpec[], seed: number): Promise<FrameInput> {
  if (path === undefined) return randomInput(specs, seed);
  if (await isFolder(path)) return await openFolder(path, specs);
  const extension = extname(path).toLowerCase();
  if (extension !== '.npy' && !pictures.has(extension)) {
    throw new MeshError('usage', `--input: ${path} is neither a folder nor a file that is known`, { hint: 'expected .npy, .png or .jpg' });
  }
  const only = onlyInput(path, specs);
  return extension === '.npy' ? await npyInput(specs, new Map([[only.name, path]])) : imageInput(only, [path], path);
}

/** A tensor's name as part of a file name: what file systems don't like becomes `_`. */
export function fileNameOf(tensor: string): string {
  return tensor.replace(/[^A-Za-z0-9._-]/g, '_');
}

/** The .npy files that `--input path` stands for, whether they are there or not: none of them may be written to while frames are read. */
export function npyInputFiles(path: string, specs: readonly TensorSpec[]): string[] {
  return extname(path).toLowerCase() === '.npy' ? [path] : [...npyFileNames(specs).values()].map((file) => join(path, file));
}

/** Input of the model → file in the folder. */
function npyFileNames(specs: readonly TensorSpec[]): ReadonlyMap<string, string> {
  return new Map(specs.map((spec) => [spec.name, `${fileNameOf(spec.name)}.npy`]));
}

async function openFolder(folder: string, specs: readonly TensorSpec[]): Promise<FrameInput> {
  const names = (await readdir(folder)).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const wanted = npyFileNames(specs);
  const missing = [...wanted.values()].filter((file) => !names.includes(file));
  if (missing.length === 0) return await npyInput(specs, new Map([...wanted].map(([name, file]) => [name, join(folder, file)])));
  const images = names.filter((name) => pictures.has(extname(name).toLowerCase()));
  if (images.length > 0 && missing.length === specs.length) {
    const only = onlyInput(folder, specs);
    return imageInput(
      only,
      images.map((name) => join(folder, name)),
      `${images.length} pictures in ${folder}`,
    );
  }
  throw new MeshError('not-found', `--input: ${folder} lacks ${missing.join(', ')}`, {
    hint: `expected one file per input of the model (${[...wanted.values()].join(', ')})${specs.length === 1 ? ', or pictures (.png, .jpg)' : ''}`,
  });
}

function onlyInput(path: string, specs: readonly TensorSpec[]): TensorSpec {
  if (specs.length === 1) return specs[0]!;
  throw new MeshError('usage', `--input: the model has ${specs.length} inputs, ${path} can be only one of them`, {
    hint: `give a folder with ${specs.map((spec) => `${fileNameOf(spec.name)}.npy`).join(', ')}`,
  });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new MeshError(
      'not-found',
      `--input: ${path}: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file or folder' : (error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}
