import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { NpyOutput } from '../../../controller/run/npy-output.ts';
import { NpyReader } from '../../../controller/run/npy-reader.ts';
import type { Tensor } from '../../../mesh/tensor.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'output-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const frame = (value: number, ...names: string[]) =>
  new Map(names.map((name): [string, Tensor] => [name, { dtype: 'uint8', dims: [1, 2], data: new Uint8Array(2).fill(value) }]));

async function entries(path: string): Promise<number[][]> {
  await using reader = await NpyReader.open(path);
  const { dims, data } = await reader.all();
  return Array.from({ length: dims[0]! }, (_, index) => [...data.subarray(index * 2, index * 2 + 2)]);
}

test('outputs lie beside their places until they are kept', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'y.npy');
    await writeFile(path, 'old');
    await using output = await NpyOutput.create(path, ['y'], []);
    await output.take(0n, frame(7, 'y'), 0);
    await output.sync();
    t.is(await readFile(path, 'utf8'), 'old');
    const [, part] = (await readdir(folder)).sort();
    t.regex(part!, /^y\.npy\.[0-9a-f]{8}\.part$/);
    t.deepEqual(await entries(join(folder, part!)), [[7, 7]], 'whole at every moment');
    await output.take(1n, frame(8, 'y'), 1);
    await output.keep();
    await output.close();
    t.deepEqual(await readdir(folder), ['y.npy']);
    t.deepEqual(await entries(path), [
      [7, 7],
      [8, 8],
    ]);
  }));

test('where frames may be dropped a file beside says which they are, also of those that failed', (t) =>
  withFolder(async (folder) => {
    const output = await NpyOutput.create(join(folder, 'y.npy'), ['y'], [], true);
    for (const [id, index] of [
      [0n, 0],
      [1n, 40],
    ] as const) {
      await output.take(id, frame(index, 'y'), index);
    }
    await output.skip(2n, 2 ** 33);
    await output.keep();
    t.deepEqual((await readdir(folder)).sort(), ['y.frames.npy', 'y.npy']);
    await using reader = await NpyReader.open(join(folder, 'y.frames.npy'));
    const { dtype, dims, data } = await reader.all();
    t.deepEqual([dtype, dims], ['int64', [3]]);
    t.deepEqual([...new BigInt64Array(data.slice().buffer)], [0n, 40n, 2n ** 33n]);
  }));

test('a file that says which frames they are takes the place of nothing else', (t) =>
  withFolder(async (folder) => {
    await t.throwsAsync(NpyOutput.create(join(folder, 'y.npy'), ['frames', 'b'], [], true), { code: 'usage', message: /output "frames"/ });
    const input = join(folder, 'y.frames.npy');
    await writeFile(input, 'frames');
    await t.throwsAsync(NpyOutput.create(join(folder, 'y.npy'), ['y'], [input], true), { code: 'usage', message: /read as --input/ });
  }));

test('what is not kept is gone, and what was there before is as it was', (t) =>
  withFolder(async (folder) => {
    await writeFile(join(folder, 'y.a.npy'), 'old');
    const output = await NpyOutput.create(join(folder, 'y.npy'), ['a', 'b'], []);
    await output.take(0n, frame(7, 'a', 'b'), 0);
    t.is((await readdir(folder)).length, 3);
    await output.close();
    await output.close();
    t.deepEqual(await readdir(folder), ['y.a.npy']);
    t.is(await readFile(join(folder, 'y.a.npy'), 'utf8'), 'old');
  }));

test('a link stays a link, and the file it leads to keeps its permissions', (t) =>
  withFolder(async (folder) => {
    await mkdir(join(folder, 'there'));
    const target = join(folder, 'there', 'y.npy');
    await writeFile(target, 'old');
    await chmod(target, 0o600);
    await symlink(target, join(folder, 'link.npy'));
    const output = await NpyOutput.create(join(folder, 'link.npy'), ['y'], []);
    await output.take(0n, frame(7, 'y'), 0);
    await output.keep();
    t.deepEqual(await entries(target), [[7, 7]]);
    t.is((await stat(target)).mode & 0o777, 0o600);
    t.deepEqual(await readdir(join(folder, 'there')), ['y.npy']);
  }));

test('what can not be replaced is refused before anything is written, and leaves nothing', (t) =>
  withFolder(async (folder) => {
    await mkdir(join(folder, 'y.b.npy'));
    const create = NpyOutput.create(join(folder, 'y.npy'), ['a', 'b'], []);
    await t.throwsAsync(create, { code: 'denied', message: /y\.b\.npy can't be written: it is no regular file/ });
    t.deepEqual(await readdir(folder), ['y.b.npy']);
    const nowhere = NpyOutput.create(join(folder, 'none', 'y.npy'), ['a'], []);
    await t.throwsAsync(nowhere, { code: 'denied', message: /none\/y\.npy can't be written: there is no folder/ });
  }));
