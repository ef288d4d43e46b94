/**
 * Zoo models on disk: built once, then read like any other file, with their weights left in it.
 *
 *     resnet18-1-1.onnx            name, version of the zoo, seed
 *     resnet18-1-1.onnx.sha256     its size and digest; without a matching one the file does not count and is built again
 *
 * Both appear under their names complete (written aside, then renamed), the digest last, so that any number of processes may build the
 * same model at once: they write the same bytes, and whoever is last wins.
 */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MeshError } from '../../mesh/error.ts';
import { makeFolders } from '../../mesh/make-folders.ts';
import { writeAside } from '../../mesh/write-aside.ts';
import { sha256OfPayload } from '../payload.ts';
import { streamWritten, type Written, writeModel } from '../write-model.ts';
import { ZOO_SEED, ZOO_VERSION, type ZooEntry } from './catalogue.ts';

/** Path of the model's file in `folder` (made if missing). The file is verified once per call. */
export async function cachedZooModel(entry: ZooEntry, folder: string): Promise<string> {
  const path = join(folder, `${entry.name}-${ZOO_VERSION}-${ZOO_SEED}.onnx`);
  if (await isIntact(path)) return path;
  try {
    await makeFolders(folder);
    const written = writeModel(entry.build(ZOO_SEED));
    const digest = await writeAside(path, (aside) => writeTo(aside, written));
    await writeAside(digestPath(path), (aside) => writeFile(aside, `${written.bytes} ${digest}\n`));
  } catch (thrown) {
    const cause = MeshError.from(thrown);
    throw new MeshError('failed', `model ${entry.name} could not be stored in ${folder}: ${cause.message}`, {
      cause,
      hint: 'choose a folder that can be written to and has room for it',
    });
  }
  return path;
}

function digestPath(path: string): string {
  return `${path}.sha256`;
}

async function isIntact(path: string): Promise<boolean> {
  if (!existsSync(path) || !existsSync(digestPath(path))) return false;
  const [size, digest] = (await readFile(digestPath(path), 'utf8')).trim().split(' ');
  const { size: length } = await stat(path);
  return `${length}` === size && digest === (await sha256OfPayload({ kind: 'file', path, offset: 0, length }));
}

/**
 * Returns the digest of what was written. Nothing waits for the disk, which would take longer than building: what a crash of the machine
 * leaves has another digest, and is built again.
 */
async function writeTo(path: string, written: Written): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'wx');
  for await (const chunk of streamWritten(written)) {
    hash.update(chunk);
    await file.writeFile(chunk);
  }
  return hash.digest('hex');
}
