/** A subject that reads frames of the person's, such as pictures, in place of random numbers: they travel in one file. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blob } from '../../../mesh/files/blob.ts';
import { hashFile } from '../../../mesh/files/sha256.ts';
import { makeFolders } from '../../../mesh/make-folders.ts';
import { encodeTensorFile } from '../../../mesh/safetensors.ts';
import type { Tensor } from '../../../mesh/tensor.ts';
import type { PreparedSubject } from './subject.ts';

/** Input → tensor. */
export type Frame = ReadonlyMap<string, Tensor>;

/** The file is written to the folder, which is made. Its names: TimingItem.feeds. */
export async function withFrames(subject: PreparedSubject, frames: readonly Frame[], folder: string): Promise<PreparedSubject> {
  const path = join(folder, `${subject.subject.model}.safetensors`);
  const tensors = frames.flatMap((frame, index) => [...frame].map(([name, tensor]) => [`${index}.${name}`, tensor] as const));
  await makeFolders(folder);
  await writeFile(path, encodeTensorFile({ tensors: new Map(tensors), metadata: {} }));
  const feeds: Blob = await hashFile(path);
  return { ...subject, item: { ...subject.item, feeds }, paths: new Map([...subject.paths, [feeds, path]]) };
}
