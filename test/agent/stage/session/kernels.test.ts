import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { kernelsOfProfile, takeProfile, timedKernelsOfProfile } from '../../../../agent/stage/session/kernels.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const conv = {
  cat: 'Node',
  name: 'relu.out_nchwc_kernel_time',
  dur: 30,
  args: {
    op_name: 'Conv',
    input_type_shape: [{ float: [1, 3, 8, 8] }, { float: [8, 3, 3, 3] }],
    output_type_shape: [{ float: [1, 8, 6, 6] }],
  },
};
const cast = {
  cat: 'Node',
  name: 'cast_kernel_time',
  dur: 7,
  args: { op_name: 'Cast', input_type_shape: [{ double: [] }], output_type_shape: [{ int64: [] }] },
};
const profile = JSON.stringify([
  { cat: 'Session', name: 'model_run', args: {} },
  conv,
  { ...conv, name: 'relu.out_nchwc_fence_before' },
  cast,
  conv,
]);

test('kernels are listed once, in the order of their first run, with their types', (t) => {
  t.deepEqual(kernelsOfProfile(profile), [
    {
      name: 'relu.out_nchwc',
      operator: 'nchwc.Conv',
      inputs: ['float32[1, 3, 8, 8]', 'float32[8, 3, 3, 3]'],
      outputs: ['float32[1, 8, 6, 6]'],
    },
    { name: 'cast', operator: 'Cast', inputs: ['float64[]'], outputs: ['int64[]'] },
  ]);
});

test('the time of a kernel is its median, and that of all its runs in one inference together', (t) => {
  const runs = [9, 10, 50].flatMap((dur) => [
    { ...conv, dur },
    { ...cast, dur: 4 },
    { ...cast, dur: 2 },
  ]);
  const timed = timedKernelsOfProfile(JSON.stringify(runs), 3);
  t.deepEqual(
    timed.map(({ name, us }) => [name, us]),
    [
      ['relu.out_nchwc', 10],
      ['cast', 6],
    ],
  );
});

test('inferences of the warm-up do not count', (t) => {
  const runs = [900, 700, 9, 10, 50].flatMap((dur) => [{ ...conv, dur }, cast, cast]);
  t.deepEqual(
    timedKernelsOfProfile(JSON.stringify(runs), 3, 2).map(({ us }) => us),
    [10, 14],
  );
});

test('a profile is read and removed, and what is beside it stays', async (t) => {
  const folder = await tempFolder(t);
  await writeFile(join(folder, 'profile_2026-01-01.json'), profile);
  await writeFile(join(folder, 'model.onnx'), '');
  t.is((await takeProfile(join(folder, 'profile'), kernelsOfProfile)).length, 2);
  t.deepEqual(await readdir(folder), ['model.onnx']);
});

test('a profile that is cut off, or not there, says nothing', async (t) => {
  const folder = await tempFolder(t);
  t.deepEqual(await takeProfile(join(folder, 'profile'), kernelsOfProfile), []);
  await writeFile(join(folder, 'profile_2026-01-01.json'), profile.slice(0, -20));
  t.deepEqual(await takeProfile(join(folder, 'profile'), kernelsOfProfile), []);
  t.deepEqual(await readdir(folder), []);
});
