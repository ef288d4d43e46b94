import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { imageLayout, toTensor } from '../../../controller/run/image-input.ts';
import { entryDims } from '../../../controller/run/npy-input.ts';
import { NpyWriter } from '../../../controller/run/npy-writer.ts';
import { numbersOf } from '../../../controller/run/numbers.ts';
import { fileNameOf, openInput } from '../../../controller/run/open-input.ts';
import type { TensorSpec } from '../../../mesh/tensor.ts';

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'input-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const image: TensorSpec = { name: 'x', dtype: 'float32', dims: [1, 3, 8, 8] };
const file = (dims: number[], dtype: TensorSpec['dtype'] = 'float32') => ({ path: 'f.npy', dtype, dims });

test('entries come with the batch of 1 or without', (t) => {
  t.deepEqual(entryDims(file([10, 3, 8, 8]), image), [1, 3, 8, 8]);
  t.deepEqual(entryDims(file([10, 1, 3, 8, 8]), image), [1, 3, 8, 8]);
  t.deepEqual(entryDims(file([10, 5]), { name: 'x', dtype: 'float32', dims: [-1, -1] }), [1, 5]);
  t.deepEqual(entryDims(file([10, 4, 5]), { name: 'x', dtype: 'float32', dims: [4, 5] }), [4, 5]);
});

test('another shape or type is refused, with what the file holds and what the model takes', (t) => {
  t.throws(() => entryDims(file([10, 3, 8, 9]), image), {
    message: /f\.npy holds float32\[10, 3, 8, 9\]; the model's input "x" takes float32\[1, 3, 8, 8\]/,
  });
  t.throws(() => entryDims(file([10, 3, 8, 8], 'uint8'), image), { message: /holds uint8/ });
  t.throws(() => entryDims(file([], 'float32'), image), { code: 'invalid' });
});

test('a folder holds one file per input, under its name', (t) =>
  withFolder(async (folder) => {
    const specs: TensorSpec[] = [
      { name: 'left/0', dtype: 'uint8', dims: [2] },
      { name: 'right', dtype: 'uint8', dims: [1] },
    ];
    await t.throwsAsync(openInput(folder, specs, 1), { code: 'not-found', message: /lacks left_0\.npy, right\.npy/ });
    for (const { name, dims } of specs) {
      await using writer = await NpyWriter.create(join(folder, `${fileNameOf(name)}.npy`));
      for (const value of [7, 8, 9]) await writer.append({ dtype: 'uint8', dims, data: new Uint8Array(dims[0]!).fill(value) });
    }
    const input = await openInput(folder, specs, 1);
    t.is(input.count, 3);
    // Frames repeat when the file has fewer.
    t.deepEqual([...(await input.frame(4n)).get('left/0')!.data], [8, 8]);
    await input.close();
    await t.throwsAsync(openInput(join(folder, 'right.npy'), specs, 1), { code: 'usage', message: /the model has 2 inputs/ });
  }));

test('pictures become frames in the order of their numbers: resized, cropped, normalised', (t) =>
  withFolder(async (folder) => {
    const picture = (color: string, width: number) => sharp({ create: { width, height: 20, channels: 3, background: color } });
    await picture('#ff0000', 40).png().toFile(join(folder, '2.png'));
    await picture('#ffffff', 20).jpeg({ quality: 100 }).toFile(join(folder, '10.jpg'));
    const input = await openInput(folder, [image], 1);
    t.is(input.count, 2);
    const red = numbersOf((await input.frame(0n)).get('x')!);
    t.is(red.length, 3 * 64);
    // ImageNet: (1 - 0.485) / 0.229 in the first channel, (0 - 0.456) / 0.224 in the second.
    t.true(Math.abs(red[0]! - 2.2489) < 1e-3);
    t.true(Math.abs(red[64]! + 2.0357) < 1e-3);
    const white = numbersOf((await input.frame(1n)).get('x')!);
    t.true(Math.abs(white[2 * 64]! - (1 - 0.406) / 0.225) < 0.03);
    await input.close();
  }));

test('pictures are checked before any is a frame: the first one whole, of the others the header', (t) =>
  withFolder(async (folder) => {
    const picture = sharp({ create: { width: 40, height: 40, channels: 3, background: '#123456' } });
    const png = await picture.png().toBuffer();
    const path = (name: string) => join(folder, name);
    const check = async (frames: number) => {
      const input = await openInput(folder, [image], 1);
      await input.check(frames);
    };
    await writeFile(path('1.png'), png);
    await writeFile(path('2.jpg'), await picture.jpeg().toBuffer());
    await t.notThrowsAsync(check(9));
    await writeFile(path('3.png'), 'this is no picture');
    await t.notThrowsAsync(check(2), 'no frame is made of it');
    await t.throwsAsync(check(3), { code: 'invalid', message: new RegExp(`^--input: ${path('3.png')} can't be read as a picture: `) });
    await writeFile(path('0.png'), png.subarray(0, png.length / 2));
    await t.throwsAsync(check(1), { code: 'invalid', message: new RegExp(`^--input: ${path('0.png')} can't be read as a picture: `) });
    await writeFile(path('0.png'), '');
    await t.throwsAsync(check(1), { code: 'invalid' });
  }));

test('the layout of a picture is read off the input', (t) => {
  t.like(imageLayout({ name: 'x', dtype: 'uint8', dims: [-1, 32, 16, 1] }), { channels: 1, height: 32, width: 16, channelsFirst: false });
  t.like(imageLayout({ name: 'x', dtype: 'float32', dims: [1, 3, -1, -1] }), { height: 224, width: 224, channelsFirst: true });
  for (const dims of [
    [1, 4, 8, 8],
    [3, 8, 8],
    [2, 3, 8, 8],
  ])
    t.throws(() => imageLayout({ name: 'x', dtype: 'float32', dims }), { code: 'invalid' });
  t.throws(() => imageLayout({ name: 'x', dtype: 'int64', dims: [1, 3, 8, 8] }), { code: 'invalid' });
});

test('pixels go to their channel, or stay together, as the layout says', (t) => {
  const pixels = new Uint8Array([1, 2, 3, 4, 5, 6]);
  const layout = { channels: 3, height: 1, width: 2, dtype: 'uint8' } as const;
  t.deepEqual([...toTensor(pixels, { ...layout, channelsFirst: true }).data], [1, 4, 2, 5, 3, 6]);
  t.deepEqual([...toTensor(pixels, { ...layout, channelsFirst: false }).data], [1, 2, 3, 4, 5, 6]);
});

test('an input that is not there, or is something else, says so', (t) =>
  withFolder(async (folder) => {
    await t.throwsAsync(openInput(join(folder, 'x.npy'), [image], 1), { code: 'not-found' });
    await t.throwsAsync(openInput(new URL(import.meta.url).pathname, [image], 1), {
      code: 'usage',
      message: /neither a folder nor a file that is known/,
    });
  }));
