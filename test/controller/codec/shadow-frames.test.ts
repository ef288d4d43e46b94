import test from 'ava';
import fc from 'fast-check';
import { CodecVariants } from '../../../controller/codec/codec-variants.ts';
import type { OutputError } from '../../../controller/codec/error-budget.ts';
import { ShadowFrames } from '../../../controller/codec/shadow-frames.ts';
import { Delivery } from '../../../controller/run/delivery.ts';
import type { FrameInput } from '../../../controller/run/frame-input.ts';
import type { Tensor } from '../../../mesh/tensor.ts';

const scalar = (value: number): ReadonlyMap<string, Tensor> =>
  new Map([['y', { dtype: 'float32', dims: [1, 2], data: new Uint8Array(Float32Array.of(value, 0).buffer) }]]);

const given: FrameInput = {
  count: 10,
  title: 'numbers',
  check: async () => {},
  frame: async (id) => scalar(Number(id)),
  close: async () => {},
};

const numberIn = (tensors: ReadonlyMap<string, Tensor>): number => new Float32Array(tensors.get('y')!.data.buffer)[0]!;

test('each frame goes out once, in order, and each so many-th once more behind itself', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 200 }), async (every, frames) => {
      const shadows = new ShadowFrames(every);
      const input = shadows.input(given);
      const own: number[] = [];
      for (let id = 0; id < shadows.total(frames); id += 1) {
        const frame = numberIn(await input.frame(BigInt(id)));
        t.is(frame, Number(shadows.frameOf(BigInt(id))));
        if (shadows.isShadow(BigInt(id))) t.is(frame, own.at(-1)!);
        else own.push(frame);
      }
      t.deepEqual(own, [...Array(frames).keys()]);
      t.is(shadows.total(frames) - own.length, Math.floor(frames / every));
    }),
    { numRuns: 100 },
  );
});

test('outputs come out under their own ids, and what a shadow shows is the error of the frame before', async (t) => {
  const shadows = new ShadowFrames(3);
  const got: [bigint, number][] = [];
  const errors: [bigint, OutputError][] = [];
  const delivery = new Delivery();
  const inner = {
    take: async (id: bigint, tensors: ReadonlyMap<string, Tensor>) => void got.push([id, numberIn(tensors)]),
    skip: async () => {},
    sync: async () => {},
  };
  const consumer = shadows.consumer([inner], delivery, (frame, error) => errors.push([frame, error]));
  const frames = 7;
  for (let id = 0n; id < shadows.total(frames); id += 1n) {
    // What travels with loss is off by a tenth of its number.
    const value = Number(shadows.frameOf(id)) + 1;
    await consumer.take(id, scalar(shadows.isShadow(id) ? value : value * 1.125), Number(id));
  }
  t.deepEqual(
    got,
    [0, 1, 2, 3, 4, 5, 6].map((frame) => [BigInt(frame), (frame + 1) * 1.125]),
  );
  t.deepEqual(errors, [
    [2n, { maxAbs: 0.375, sameTop1: true }],
    [5n, { maxAbs: 0.75, sameTop1: true }],
  ]);
  t.deepEqual(delivery.count(frames), { sent: 7, received: 7, lost: 0, duplicated: 0, outOfOrder: 0 });
});

test('of ids from somewhere on, the first frame is the one that travels first', (t) => {
  const shadows = new ShadowFrames(4);
  t.deepEqual(
    [3n, 4n, 5n, 9n, 10n].map((id) => shadows.firstFrom(id)),
    [3n, 4n, 4n, 8n, 8n],
    '4 and 9 are shadows',
  );
});

test('where devices take turns each gets frames of every variant', async (t) => {
  const codecs = ['int8', 'int6', 'int4'];
  const variants = new CodecVariants(
    codecs.map((codec) => new Map([['a b', codec]])),
    2,
  );
  const cycle = variants.cycleOf({ from: 'a', to: 'b' });
  for (const replica of [0, 1]) {
    const seen = new Set(Array.from({ length: 10 }, (_, index) => cycle[(2 * index + replica) % cycle.length]!));
    t.deepEqual([...seen].sort(), ['int4', 'int6', 'int8', 'none']);
  }
  for (let id = 0n; id < BigInt(variants.total(3)); id += 1n) await variants.consumer.take(id, scalar(1), Number(id));
  t.deepEqual(
    variants.tallies.map(({ frames }) => frames),
    [3, 3, 3],
  );
});

test('measurements of shadows are left out, the others carry the numbers of frames', (t) => {
  const shadows = new ShadowFrames(2);
  const row = (frame: bigint) => ({ frame, startMs: 0, latencyMs: 1 });
  const rows = shadows.framesOnly({ frames: [0n, 1n, 2n, 3n, 4n, 5n, 6n].map(row), stages: [], links: [] });
  t.deepEqual(
    rows.frames.map(({ frame }) => frame),
    [0n, 1n, 2n, 3n, 4n],
  );
});

test('every input goes out once for each variant, and is compared with the one without loss', async (t) => {
  const variants = new CodecVariants([new Map([['a b', 'int8']]), new Map([['b c', 'int4']])]);
  t.deepEqual(variants.cycleOf({ from: 'a', to: 'b' }), ['none', 'int8', 'none']);
  t.deepEqual(variants.cycleOf({ from: 'b', to: 'c' }), ['none', 'none', 'int4']);
  t.deepEqual(variants.cycleOf({ from: 'source', to: 'a' }), ['none', 'none', 'none']);
  const input = variants.input(given, 2);
  t.is(input.count, 30);
  for (let id = 0n; id < 9n; id += 1n) {
    const value = numberIn(await input.frame(id));
    t.is(value, [0, 1, 0][Number(id / 3n)]!, 'of two inputs, again and again');
    await variants.consumer.take(id, scalar(value + [0, 0.25, -3][Number(id % 3n)]!), Number(id));
  }
  t.deepEqual(variants.tallies, [
    { frames: 3, sameTop1: 3, maxAbs: 0.25 },
    // Against a second value of 0: that 1 becomes less than it makes a difference, for 0 was no more.
    { frames: 3, sameTop1: 2, maxAbs: 3 },
  ]);
});
