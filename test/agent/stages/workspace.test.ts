import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import { checkRelativeName } from '../../../agent/files/place-model.ts';
import { Workspaces } from '../../../agent/stages/workspace.ts';
import { MeshError } from '../../../mesh/error.ts';
import type { Blob } from '../../../mesh/files/blob.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';

const key = { run: 'r', stage: 'a', epoch: 1n };
const blob = (byte: number): Blob => ({ sha256: Buffer.alloc(32, byte), bytes: 1 });

async function open(t: { teardown(undo: () => Promise<void>): void }) {
  const folder = await tempFolder(t);
  for (const byte of [1, 2]) await writeFile(join(folder, `${byte}`), `blob ${byte}`);
  return { folder, workspaces: new Workspaces(folder, async ({ sha256 }) => join(folder, `${sha256[0]}`)) };
}

test('model and external data lie together under the names the model uses, without being copied', async (t) => {
  const { folder, workspaces } = await open(t);
  const { modelPath: model } = await workspaces.create({ key, model: blob(1), externalData: new Map([['weights/part.bin', blob(2)]]) });
  t.is(readFileSync(model, 'utf8'), 'blob 1');
  const data = join(model, '../weights/part.bin');
  t.is(readFileSync(data, 'utf8'), 'blob 2');
  t.is(lstatSync(data).ino, lstatSync(join(folder, '2')).ino);
  await rm(join(folder, '2'));
  t.is(readFileSync(data, 'utf8'), 'blob 2', 'a deleted blob stays as long as the stage needs it');
  await workspaces.remove(key);
  t.deepEqual(readdirSync(join(folder, 'stages')), []);
  t.is(readFileSync(join(folder, '1'), 'utf8'), 'blob 1');
});

test('external data may be called like the model', async (t) => {
  const { workspaces } = await open(t);
  const { modelPath: model } = await workspaces.create({ key, model: blob(1), externalData: new Map([['model.onnx', blob(2)]]) });
  t.is(readFileSync(model, 'utf8'), 'blob 1');
  t.is(readFileSync(join(model, '../model.onnx'), 'utf8'), 'blob 2');
});

test('a speed probe lies in a folder of its own beside the model', async (t) => {
  const { workspaces } = await open(t);
  const speedProbe = { model: blob(2), externalData: new Map(), inputs: [], outputs: [] };
  const { modelPath, probePath } = await workspaces.create({ key, model: blob(1), externalData: new Map(), speedProbe });
  t.deepEqual([readFileSync(modelPath, 'utf8'), readFileSync(probePath!, 'utf8')], ['blob 1', 'blob 2']);
  t.not(dirname(modelPath), dirname(probePath!));
});

test('what an earlier agent left behind is removed', async (t) => {
  const { folder, workspaces } = await open(t);
  await mkdir(join(folder, 'stages', 'old-stage-1'), { recursive: true });
  await workspaces.removeStale();
  t.false(readdirSync(folder).includes('stages'));
});

for (const name of ['', '/etc/passwd', '../x', 'a/../../x', './x', 'a//b', 'a/', 'x\0y', 'a\\b', 'n'.repeat(256), 'd/'.repeat(600)]) {
  test(`external data can not be called ${JSON.stringify(name.slice(0, 20))}`, async (t) => {
    t.is(t.throws(() => checkRelativeName(name), { instanceOf: MeshError })?.code, 'invalid');
    const { folder, workspaces } = await open(t);
    await t.throwsAsync(workspaces.create({ key, model: blob(1), externalData: new Map([[name, blob(2)]]) }), { instanceOf: MeshError });
    t.deepEqual(readdirSync(folder).sort(), ['1', '2']);
  });
}
