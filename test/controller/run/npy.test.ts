import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { formatNpyHeader, npyHeaderBytes, parseNpyHeader } from '../../../controller/run/npy-header.ts';
import { NpyReader } from '../../../controller/run/npy-reader.ts';
import { NpyWriter } from '../../../controller/run/npy-writer.ts';
import { byteLength, type DType, dtypes } from '../../../mesh/tensor.ts';

const allDtypes = Object.keys(dtypes) as DType[];

/** As numpy 1.26 writes numpy.save(path, numpy.arange(6, dtype='<f4').reshape(2, 3)). */
function file(descr: string, order: string, shape: string, version = 1): Buffer {
  const text = `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`.padEnd(version === 1 ? 117 : 115);
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(text.length + 1);
  else length.writeUInt32LE(text.length + 1);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), length, Buffer.from(`${text}\n`)]);
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'npy-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

for (const version of [1, 2, 3]) {
  test(`a header of version ${version} is read`, (t) => {
    const header = file(`'<f4'`, 'False', '(2, 3)', version);
    t.deepEqual(parseNpyHeader(header, 'x.npy'), { dtype: 'float32', dims: [2, 3], dataOffset: header.length });
    t.is(header.length % 64, 0);
  });
}

const shapes: [string, number[]][] = [
  ['()', []],
  ['(5,)', [5]],
  ['(0, 3)', [0, 3]],
  ['(2L, 3L)', [2, 3]],
];
for (const [text, dims] of shapes) {
  test(`the shape ${text} is read`, (t) => t.deepEqual(parseNpyHeader(file(`'|u1'`, 'False', text), 'x.npy').dims, dims));
}

const refused: [string, Buffer, RegExp][] = [
  ['Fortran order', file(`'<f4'`, 'True', '(2, 3)'), /Fortran order; expected C order/],
  ['Python objects', file(`'|O'`, 'False', '(2,)'), /Python objects/],
  ['big-endian numbers', file(`'>f4'`, 'False', '(2,)'), /big-endian/],
  ['complex numbers', file(`'<c8'`, 'False', '(2,)'), /"<c8"/],
  ['records', file(`[('a', '<f4')]`, 'False', '(2,)'), /named fields/],
  ['a negative shape', file(`'<f4'`, 'False', '(-2,)'), /damaged header/],
  ['another format', Buffer.from('PK\x03\x04 a zip file, perhaps .npz'), /no \.npy file/],
  ['version 9', file(`'<f4'`, 'False', '(2,)', 9), /version 9/],
  ['nothing', Buffer.alloc(0), /no \.npy file/],
];
for (const [what, bytes, message] of refused) {
  test(`${what} in an .npy file is refused with a reason`, (t) => {
    t.throws(() => parseNpyHeader(bytes, 'x.npy'), { message, code: 'invalid' });
  });
}

test('a header that announces gigabytes is refused before anything is read', (t) => {
  const header = file(`'<f4'`, 'False', '(2,)', 2);
  header.writeUInt32LE(0x7fffffff, 8);
  t.throws(() => npyHeaderBytes(header, 'x.npy'), { message: /header of/ });
});

for (const dtype of allDtypes) {
  test(`${dtype} goes to a file and comes back entry by entry`, (t) =>
    withFolder(async (folder) => {
      const path = join(folder, 'x.npy');
      const entries = [0, 1, 2].map((seed) => ({ dtype, dims: [2, 2], data: new Uint8Array(byteLength(dtype, [2, 2])).fill(seed + 1) }));
      await using writer = await NpyWriter.create(path);
      for (const entry of entries) await writer.append(entry);
      await writer.close();
      await using reader = await NpyReader.open(path);
      t.deepEqual(reader.dims, [3, 2, 2]);
      t.deepEqual(await reader.entry(1), entries[1]!);
      t.deepEqual((await reader.all()).data.byteLength, 3 * entries[0]!.data.byteLength);
    }));
}

test('any dtype, shape and content survive the way through a file', async (t) => {
  await withFolder(async (folder) => {
    const arrays = fc.record({
      dtype: fc.constantFrom(...allDtypes),
      dims: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 4 }),
      count: fc.integer({ min: 1, max: 4 }),
      salt: fc.integer({ min: 0, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(arrays, async ({ dtype, dims, count, salt }) => {
        const path = join(folder, 'any.npy');
        const entries = Array.from({ length: count }, (_, entry) => {
          const data = new Uint8Array(byteLength(dtype, dims));
          for (let i = 0; i < data.length; i += 1) data[i] = (i * 31 + entry * 7 + salt) & 0xff;
          return { dtype, dims, data };
        });
        const writer = await NpyWriter.create(path);
        for (const entry of entries) await writer.append(entry);
        await writer.close();
        await using reader = await NpyReader.open(path);
        t.deepEqual(reader.dims, [count, ...dims]);
        for (const [index, entry] of entries.entries()) t.deepEqual(await reader.entry(index), entry);
      }),
      { numRuns: 60 },
    );
  });
});

test('what is synced is a whole array, before the file is closed', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'x.npy');
    await using writer = await NpyWriter.create(path);
    await writer.append({ dtype: 'uint8', dims: [3], data: new Uint8Array([1, 2, 3]) });
    await writer.sync();
    await writer.append({ dtype: 'uint8', dims: [3], data: new Uint8Array([4, 5, 6]) });
    await using reader = await NpyReader.open(path);
    t.deepEqual(reader.dims, [1, 3]);
    t.deepEqual([...(await reader.entry(0)).data], [1, 2, 3]);
  }));

test('outputs of different shapes are not stacked', (t) =>
  withFolder(async (folder) => {
    await using writer = await NpyWriter.create(join(folder, 'x.npy'));
    await writer.append({ dtype: 'uint8', dims: [1], data: new Uint8Array(1) });
    await t.throwsAsync(writer.append({ dtype: 'uint8', dims: [2], data: new Uint8Array(2) }), { message: /can't be stacked/ });
  }));

test('a file that is cut short is refused when it is opened', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'x.npy');
    await writeFile(path, Buffer.concat([formatNpyHeader('float32', [2, 3]), Buffer.alloc(20)]));
    await t.throwsAsync(NpyReader.open(path), { message: /cut short/ });
    await writeFile(path, (await readFile(path)).subarray(0, 40));
    await t.throwsAsync(NpyReader.open(path), { message: /ends within its header/ });
    await t.throwsAsync(NpyReader.open(join(folder, 'none.npy')), { code: 'not-found' });
  }));

test('a file is continued where its header ends, whatever was written beyond', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'x.npy');
    const entry = (value: number) => ({
      dtype: 'float32' as const,
      dims: [2],
      data: new Uint8Array(new Float32Array([value, value]).buffer),
    });
    const first = await NpyWriter.reopen(path);
    t.is(first.count, 0);
    for (const value of [0, 1, 2]) await first.append(entry(value));
    await first.sync();
    // As if the process had been killed here: written, and not counted yet.
    await first.append(entry(99));
    const left = join(folder, 'left.npy');
    await copyFile(path, left);
    await first.close();
    const second = await NpyWriter.reopen(left);
    t.is(second.count, 3);
    await second.append(entry(6));
    await second.append(entry(7));
    await second.truncate(4);
    await second.append(entry(8));
    await second.close();
    const whole = await NpyWriter.create(join(folder, 'y.npy'));
    for (const value of [0, 1, 2, 6, 8]) await whole.append(entry(value));
    await whole.close();
    t.deepEqual(await readFile(left), await readFile(whole.path));
  }));

test('what is no file of a writer is not continued', (t) =>
  withFolder(async (folder) => {
    const path = join(folder, 'x.npy');
    await writeFile(path, Buffer.alloc(300, 'x'));
    await t.throwsAsync(NpyWriter.reopen(path), { message: /no .npy file/ });
    await writeFile(path, '');
    const writer = await NpyWriter.reopen(path);
    t.is(writer.count, 0);
    await writer.close();
  }));
