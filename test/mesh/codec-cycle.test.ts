import test from 'ava';
import fc from 'fast-check';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { NO_CODEC } from '../../mesh/codec.ts';
import { CODEC_CYCLE_MAX, checkCodecCycle, codecAt } from '../../mesh/codec-cycle.ts';
import { RouteEncoder } from '../../mesh/link/route-encoder.ts';

const names = [NO_CODEC, ...tensorCodecs.keys()];
const cycles = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 40 });
const ids = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

test('a frame travels by its id alone: cycles repeat, and each entry gets its share', (t) => {
  fc.assert(
    fc.property(cycles, ids, (cycle, id) => {
      const length = BigInt(cycle.length);
      t.is(codecAt(cycle, id), cycle[Number(id % length)]!);
      t.is(codecAt(cycle, id + length), codecAt(cycle, id));
      const start = id - (id % length);
      t.deepEqual(
        cycle.map((_, index) => codecAt(cycle, start + BigInt(index))),
        cycle,
      );
      checkCodecCycle(cycle, tensorCodecs);
    }),
  );
});

test('an encoder that changes uses the old cycle until then and the new one from then on; one that is refused changes nothing', (t) => {
  fc.assert(
    fc.property(cycles, cycles, ids, (before, after, id) => {
      const encoder = new RouteEncoder(before, tensorCodecs);
      const nameOf = (): string => encoder.codecOf(id)?.name ?? NO_CODEC;
      t.is(nameOf(), codecAt(before, id));
      t.throws(() => encoder.change([...after, 'int7']), { code: 'unsupported', message: /"int7".*int8/ });
      t.is(nameOf(), codecAt(before, id));
      encoder.change(after);
      t.is(nameOf(), codecAt(after, id));
    }),
  );
});

test('no codec at all, and more than a schedule needs, are invalid', (t) => {
  for (const length of [0, CODEC_CYCLE_MAX + 1]) {
    const cycle = new Array<string>(length).fill(NO_CODEC);
    t.throws(() => checkCodecCycle(cycle, tensorCodecs), {
      code: 'invalid',
      message: new RegExp(`has ${length}; expected 1 to ${CODEC_CYCLE_MAX}`),
    });
  }
  t.notThrows(() => checkCodecCycle(new Array<string>(CODEC_CYCLE_MAX).fill(NO_CODEC), tensorCodecs));
});
