import test from 'ava';
import fc from 'fast-check';
import { Blosc2Error } from '../../../wasm/error.ts';
import { extreme, floatsArbitrary, ordinary, values } from './arbitrary.ts';
import { bytesOf, floatsOf, plain, simd } from './instances.ts';
import { brainOf, halfOf } from './reference/float16.ts';

const types = [
  { type: 'float16', round: halfOf, largest: 65504, next: 65520 },
  { type: 'bfloat16', round: brainOf, largest: 3.3895313892515355e38, next: 3.4e38 },
] as const;

const anyFloat = fc.integer({ min: 0, max: 0xffffffff }).map((bits) => new Float32Array(Uint32Array.of(bits).buffer)[0]!);

for (const { type, round, largest, next } of types) {
  const codecs = { simd, plain };
  for (const [build, codec] of Object.entries(codecs)) {
    test(`${type} rounds like the reference (${build})`, (t) => {
      // Many of these bits are between two representable values; every fourth array has exact ties.
      const near = fc.array(
        anyFloat.filter((x) => Math.abs(x) <= largest),
        { minLength: 1, maxLength: 70 },
      );
      const tie = fc.array(
        fc.tuple(fc.integer({ min: 1, max: 4095 }), fc.integer({ min: -26, max: 3 })).map(([m, e]) => m * 2 ** e),
        { minLength: 1, maxLength: 70 },
      );
      fc.assert(
        fc.property(fc.oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: tie }), (numbers) => {
          const floats = Float32Array.from(numbers);
          const { bytes, errorMax } = codec.encodeFloat16(bytesOf(floats), type)!;
          const decoded = floatsOf(floats.length, (into) => codec.decodeFloat16(bytes, type, into));
          t.deepEqual(decoded, Float32Array.from(floats, round));
          return floats.every((x, i) => Math.abs(x - decoded[i]!) <= errorMax);
        }),
        { numRuns: 500 },
      );
    });

    test(`what is ${type} already stays what it is (${build})`, (t) => {
      const all = Float32Array.from({ length: 65536 }, (_, bits) => fromBits(bits, type)).filter((x) => Number.isFinite(x));
      t.is(all.length, type === 'float16' ? 63488 : 65280);
      const { bytes } = codec.encodeFloat16(bytesOf(all), type)!;
      t.deepEqual(
        floatsOf(all.length, (into) => codec.decodeFloat16(bytes, type, into)),
        all,
      );
    });
  }

  test(`${type} refuses what it can't say, wherever it is`, (t) => {
    for (const refused of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, next, -next]) {
      for (const at of [0, 3, 7, 8, 15, 18]) {
        const floats = Float32Array.from(values('gaussian', 19, 1));
        t.not(simd.encodeFloat16(bytesOf(floats), type), undefined);
        floats[at] = refused;
        t.is(simd.encodeFloat16(bytesOf(floats), type), undefined, `${refused} at ${at}`);
        t.is(plain.encodeFloat16(bytesOf(floats), type), undefined, `${refused} at ${at}`);
      }
    }
    t.not(simd.encodeFloat16(bytesOf(Float32Array.of(largest, -largest)), type), undefined);
  });

  test(`${type}: both builds write the same bytes, and read them`, (t) => {
    let compressed = 0;
    fc.assert(
      fc.property(floatsArbitrary(extreme), (floats) => {
        const one = simd.encodeFloat16(bytesOf(floats), type);
        const other = plain.encodeFloat16(bytesOf(floats), type);
        t.deepEqual(one, other);
        if (one === undefined) return;
        compressed += one.bytes[2]! === 0 ? 0 : 1;
        const n = floats.length;
        t.deepEqual(
          floatsOf(n, (into) => simd.decodeFloat16(one.bytes, type, into)),
          floatsOf(n, (into) => plain.decodeFloat16(one.bytes, type, into)),
        );
      }),
      { numRuns: 300 },
    );
    t.true(compressed > 20, `only ${compressed} cases left zeros out or used LZ4`);
  });

  test(`${type} leaves zeros out, keeps -0, and never grows by more than its header`, (t) => {
    fc.assert(
      fc.property(floatsArbitrary(ordinary), (floats) => {
        const { bytes } = simd.encodeFloat16(bytesOf(floats), type)!;
        const decoded = floatsOf(floats.length, (into) => simd.decodeFloat16(bytes, type, into));
        return bytes.byteLength <= 8 + 2 * floats.length && floats.every((x, i) => x !== 0 || Object.is(x, decoded[i]));
      }),
    );
    const relu = Float32Array.from(values('relu', 4000, 1));
    const { bytes } = simd.encodeFloat16(bytesOf(relu), type)!;
    t.true(bytes.byteLength < 0.65 * 2 * 4000, `${bytes.byteLength} bytes`);
  });

  test(`damaged ${type} bytes are refused, or decode to the length that was asked for`, (t) => {
    const { bytes } = simd.encodeFloat16(bytesOf(Float32Array.from(values('relu', 300, 2))), type)!;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.byteLength - 1), fc.nat(255)), { maxLength: 4 }),
        fc.nat(bytes.byteLength),
        (changes, cut) => {
          const damaged = bytes.slice(0, bytes.byteLength - (cut < 40 ? cut : 0));
          for (const [at, value] of changes) damaged[at] = value;
          return [simd, plain].every((codec) => {
            try {
              return floatsOf(300, (into) => codec.decodeFloat16(damaged, type, into)).length === 300;
            } catch (error) {
              return error instanceof Blosc2Error;
            }
          });
        },
      ),
      { numRuns: 2000 },
    );
    t.pass();
  });
}

/** Straight from the definition of the formats. */
function fromBits(bits: number, type: 'float16' | 'bfloat16'): number {
  const mantissaBits = type === 'float16' ? 10 : 7;
  const bias = type === 'float16' ? 15 : 127;
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits & 0x7fff) >> mantissaBits;
  const mantissa = (bits & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  if (exponent === 2 * bias + 1) return Number.NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias));
}
