/** Admission by memory: a plan that does not fit is refused before anything is sent or loaded. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { startMesh } from '../helpers/mesh-harness.ts';
import { writeModelFile } from './run-models.ts';

/** Files below a folder, whatever they are. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

test.serial('a plan that does not fit is refused before a model is sent, naming device, need and room', async (t) => {
  const mesh = await startMesh(t, { agents: [{ name: 'pa', memory: '100MiB' }, { name: 'pb' }] });
  const model = await writeModelFile(mesh.folder, 'chain');
  const before = await Promise.all(mesh.agents.map(({ dataFolder }) => filesBelow(dataFolder)));
  const { code, stdout, stderr } = await mesh.runController([
    'run',
    '--split',
    `${model}@layer1,layer2`,
    '--on',
    'pa,pb,pa',
    '--frames',
    '5',
  ]);
  t.deepEqual([code, stdout], [1, '']);
  t.regex(
    stderr,
    /^controller: error: \S+ does not fit: pa needs 128 MiB \(stage1 64 MiB, stage3 64 MiB\) and has 100 MiB of 100 MiB left$/m,
  );
  t.regex(stderr, /^controller: hint: place stages on other devices/m);
  t.deepEqual(await Promise.all(mesh.agents.map(({ dataFolder }) => filesBelow(dataFolder))), before);
  const fits = await mesh.runController(['run', '--split', `${model}@layer1,layer2`, '--on', 'pa,pb,pb', '--frames', '5', '--json']);
  t.is(fits.code, 0, fits.stderr);
});
