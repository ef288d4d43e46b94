/**
 * What is fuzzed: for each decoder, where its hostile bytes come from, and what must hold for them whatever they are.
 */
import { zstdDecompressSync } from 'node:zlib';
import type { Random } from '../../../mesh/random.ts';
import { Blosc2 } from '../../../wasm/blosc2.ts';
import { readFrame } from '../../../wasm/cframe-read.ts';
import { Blosc2Error } from '../../../wasm/error.ts';
import { loadModuleSync } from '../../../wasm/module.ts';
import { decodeBloscLz, encodeBloscLz } from '../../../wasm/reference/blosclz.ts';
import { decodeChunk } from '../../../wasm/reference/decode.ts';
import { ChunkFailure } from '../../../wasm/reference/failure.ts';
import { decodeLz4, encodeLz4 } from '../../../wasm/reference/lz4.ts';
import { activationTargets } from './activation-targets.ts';
import { GuardedBlosc2, type StreamCodec } from './guarded-blosc2.ts';
import { mutated, noise } from './mutate.ts';
import { accepted, Finding, mustAgree, mustBeSame, type Outcome } from './outcome.ts';
import { someChunk, someData, someFrame, zstdFrame } from './seeds.ts';
import type { Target } from './target.ts';

const BYTES_MAX = 1 << 14;
const CAPACITY_MAX = 3000;
const SEEDS = 150;

function seeds(random: Random, make: (random: Random) => Uint8Array): Uint8Array[] {
  return Array.from({ length: SEEDS }, () => make(random));
}

/** Otherwise a decoder that refuses everything would do. */
function mustBeAccepted(outcome: Outcome, what: string): void {
  if (!accepted(outcome)) throw new Finding(`${what}: refuses what is valid, as ${outcome}`);
}

function verdict(outcome: Outcome): string {
  return accepted(outcome) ? 'ok' : outcome;
}

/** A decoder that is written without speed in mind, and independently. */
function reference(decode: () => Uint8Array): Outcome {
  try {
    return decode();
  } catch (thrown) {
    if (thrown instanceof ChunkFailure) return thrown.kind;
    throw thrown;
  }
}

export function makeTargets(random: Random): Target[] {
  const plain = new GuardedBlosc2(loadModuleSync(false), 0);
  const simd = new GuardedBlosc2(loadModuleSync(true), 101);
  const zstdOf = (frame: Uint8Array, bytes: number): Uint8Array => {
    const outcome = simd.decodeStream('zstd', frame, bytes);
    if (accepted(outcome)) return outcome;
    throw new ChunkFailure(outcome === 'unsupported' ? outcome : 'damaged', `Zstandard: ${outcome}`);
  };
  const chunks = seeds(random, someChunk);
  for (const valid of chunks) mustBeAccepted(plain.decodeChunk(valid, BYTES_MAX), 'chunk');
  const chunk: Target = {
    name: 'chunk',
    share: 4,
    next: (random) => (random.below(20) === 0 ? plausibleHeader(random) : mutated(chunks, 64, random)),
    run: (bytes) => {
      const outcome = plain.decodeChunk(bytes, BYTES_MAX);
      mustBeSame(outcome, simd.decodeChunk(bytes, BYTES_MAX), 'chunk: plain and SIMD build');
      mustAgree(
        outcome,
        reference(() => decodeChunk(bytes, { maxBytes: BYTES_MAX, zstd: zstdOf })),
        'chunk: wasm and reference',
      );
      if (accepted(outcome) && outcome.length > BYTES_MAX) throw new Finding(`chunk: ${outcome.length} bytes, allowed were ${BYTES_MAX}`);
      return verdict(outcome);
    },
  };
  const stream = (
    codec: StreamCodec,
    encode: (raw: Uint8Array) => Uint8Array,
    decode: (bytes: Uint8Array, capacity: number) => Outcome,
  ): Target => {
    const streams = seeds(random, (random) => encode(someData(CAPACITY_MAX, random)));
    for (const valid of streams) mustBeAccepted(plain.decodeStream(codec, valid, CAPACITY_MAX), codec);
    return {
      name: codec,
      share: 1,
      next: (random) => (random.below(10) === 0 ? noise(random.below(300), random) : mutated(streams, 40, random)),
      run: (bytes, random) => {
        const capacity = random.below(4) === 0 ? random.below(CAPACITY_MAX) : CAPACITY_MAX;
        const outcome = plain.decodeStream(codec, bytes, capacity);
        mustBeSame(outcome, simd.decodeStream(codec, bytes, capacity), `${codec}: plain and SIMD build`);
        if (accepted(outcome)) mustAgree(outcome, decode(bytes, outcome.length), `${codec}: wasm and another decoder`);
        return verdict(outcome);
      },
    };
  };
  const exactly = (decode: (source: Uint8Array, target: Uint8Array) => void) => (bytes: Uint8Array, length: number) =>
    reference(() => {
      const target = new Uint8Array(length);
      decode(bytes, target);
      return target;
    });
  return [
    chunk,
    stream('lz4', encodeLz4, exactly(decodeLz4)),
    stream('blosclz', encodeBloscLz, exactly(decodeBloscLz)),
    stream('zstd', (raw) => zstdFrame(raw, random), nodeZstd),
    frameTarget(random),
    ...activationTargets(random),
  ];
}

function nodeZstd(frame: Uint8Array, length: number): Outcome {
  try {
    return new Uint8Array(zstdDecompressSync(frame, { maxOutputLength: length + 1 }));
  } catch {
    return 'damaged';
  }
}

/** A header that says nothing impossible, then noise. */
function plausibleHeader(random: Random): Uint8Array {
  const bytes = noise(32 + random.below(200), random);
  const view = new DataView(bytes.buffer);
  bytes[0] = 1 + random.below(6);
  bytes[2] = random.below(2) === 0 ? bytes[2]! | 5 : bytes[2]! & ~4;
  bytes[3] = 1 + random.below(16);
  view.setInt32(4, random.below(2000), true);
  view.setInt32(8, 1 + random.below(2000), true);
  view.setInt32(12, bytes.length, true);
  for (let slot = 16; slot < 22; slot += 1) bytes[slot] = random.below(5);
  bytes[30] = 0;
  bytes[31] = random.below(3) === 0 ? random.below(8) << 4 : 0;
  for (let at = 32; at + 4 <= bytes.length && random.below(3) > 0; at += 4) view.setInt32(at, random.below(bytes.length), true);
  return bytes;
}

function frameTarget(random: Random): Target {
  const plain = new Blosc2({ module: loadModuleSync(false) });
  const simd = new Blosc2({ module: loadModuleSync(true) });
  const frames = seeds(random, (random) => someFrame(simd, random));
  return {
    name: 'frame',
    share: 1,
    next: (random) => mutated(frames, 140, random),
    run: (bytes) => {
      const outcome = frameOutcome(bytes, plain);
      mustBeSame(outcome, frameOutcome(bytes, simd), 'frame: plain and SIMD build');
      return verdict(outcome);
    },
  };
}

/** All that a frame says, as bytes. */
function frameOutcome(bytes: Uint8Array, codec: Blosc2): Outcome {
  try {
    const { chunks, metalayers, vlmetalayers } = readFrame(bytes, { codec, maxBytes: BYTES_MAX });
    if (chunks.length > BYTES_MAX / 8) throw new Finding(`frame: ${chunks.length} chunks, allowed were ${BYTES_MAX / 8}`);
    return Buffer.concat([...chunks, ...metalayers.values(), ...vlmetalayers.values()]);
  } catch (thrown) {
    if (thrown instanceof Blosc2Error) return thrown.code;
    throw thrown;
  }
}
