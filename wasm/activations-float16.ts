/**
 * float32 as float16 or bfloat16, rounded to nearest even, with zeros left out and LZ4 behind it where they pay.
 *
 *     header    kind float16 or bfloat16; flags LZ4, COMPACT, PLANES
 *     body      COMPACT: bitmap of the values that are not zero, ceil(n / 8) bytes as in sparse
 *               values, 2 bytes each, little-endian; PLANES: all lower bytes, then all upper bytes
 *
 * PLANES goes with LZ4: upper bytes (sign, exponent) resemble each other, lower ones are noise. LZ4 is slower than everything else here together,
 * so it is tried on a sample first.
 */
import { COMPACT, damaged, finish, HEADER_BYTES, LZ4, openBody, readHeader, writeHeader } from './activations-header.ts';
import type { Workspace } from './activations-module.ts';

export type Float16 = 'float16' | 'bfloat16';

const PLANES = 4;
/** Bits of the largest magnitude that is encoded: what is larger would become infinite. */
const largestBits = { float16: 0x477f_e000, bfloat16: 0x7f7f_0000 } as const;
/** Below this share of zeros the bitmap costs more than it saves, or too little is saved for the time. */
const ZEROS_MIN = 0.1;
/** LZ4 is tried on so many values, at so many places, and used when it saves this share of them. */
const SAMPLE_VALUES = 2048;
const SAMPLE_PLACES = 2;
const SAVED_MIN = 0.08;

export interface EncodedActivations {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** No element is further from what it was. */
  readonly errorMax: number;
}

/** `raw` holds float32. Undefined when an element is NaN, infinite or too large for the type. */
export function encodeFloat16(space: Workspace, raw: Uint8Array, type: Float16): EncodedActivations | undefined {
  const n = wholeFloats(raw);
  const { kernels } = space;
  space.reset();
  const src = space.put(raw);
  const bits = kernels.largestBits(src, n) >>> 0;
  if (bits > largestBits[type]) return undefined;
  const at = space.reserve(HEADER_BYTES + 2 * n);
  let values = at + HEADER_BYTES;
  if (type === 'float16') kernels.toHalf(src, n, values);
  else kernels.toBrain(src, n, values);

  // The raw floats are not needed any more: their room takes what comes of the values.
  let start = at;
  let kept = n;
  let flags = 0;
  const bitmapBytes = (n + 7) >> 3;
  if (kernels.countZeros2(values, n) > n * ZEROS_MIN) {
    start = src;
    kept = kernels.compact2(values, n, src + HEADER_BYTES, src + HEADER_BYTES + bitmapBytes);
    values = src + HEADER_BYTES + bitmapBytes;
    flags = COMPACT;
  }
  const compresses = lz4Pays(space, values, kept);
  if (compresses) {
    const planes = space.reserve(2 * kept);
    kernels.splitPairs(values, kept, planes);
    space.view(values, 2 * kept).set(space.view(planes, 2 * kept));
    flags |= PLANES;
  }
  writeHeader(space.dataView(start, HEADER_BYTES), type, { flags, detail: 0, n });
  const bodyBytes = 2 * kept + (flags & COMPACT ? bitmapBytes : 0);
  return { bytes: finish(space, start, HEADER_BYTES, bodyBytes, compresses), errorMax: halfStep(bits, type) };
}

/** Is there enough for LZ4 in the values' upper bytes? */
function lz4Pays(space: Workspace, values: number, kept: number): boolean {
  const { kernels, lz4Table } = space;
  const count = Math.min(kept, SAMPLE_VALUES);
  if (count < 16) return false;
  const planes = space.reserve(2 * count);
  const out = space.reserve(2 * count);
  const places = kept < SAMPLE_PLACES * SAMPLE_VALUES ? 1 : SAMPLE_PLACES;
  let saved = 0;
  for (let place = 0; place < places; place++) {
    const from = places === 1 ? 0 : Math.floor(((kept - count) * place) / (places - 1));
    kernels.splitPairs(values + 2 * from, count, planes);
    // Both planes: in smooth data the lower bytes repeat as well.
    const packed = kernels.lz4Compress(planes, 2 * count, out, 2 * count - 1, 1, lz4Table);
    if (packed > 0) saved += 2 * count - packed;
  }
  return saved > SAVED_MIN * places * 2 * count;
}

/** Half the distance between neighbours at the largest magnitude, given as float32 bits: what rounding loses at most. */
function halfStep(bits: number, type: Float16): number {
  if (bits === 0) return 0;
  const exponent = Math.max(bits >>> 23, 1) - 127;
  return type === 'float16' ? 2 ** (Math.max(exponent, -14) - 11) : 2 ** (exponent - 8);
}

/** Fills `into` with float32. Error `damaged` when the bytes are damaged or hold something else than so many bytes, `unsupported`. */
export function decodeFloat16(space: Workspace, encoded: Uint8Array, type: Float16, into: Uint8Array): void {
  const n = into.byteLength / 4;
  const { flags } = readHeader(encoded, type, n, LZ4 | COMPACT | PLANES, HEADER_BYTES);
  const { kernels } = space;
  space.reset();
  const bitmapBytes = flags & COMPACT ? (n + 7) >> 3 : 0;
  const bodyBytesMax = bitmapBytes + 2 * n;
  const { body, bodyBytes } = openBody(space, encoded, { kind: type, flags, headerBytes: HEADER_BYTES, bodyBytesMax });
  const kept = flags & COMPACT ? kernels.countBits(body, n) : n;
  if (kept < 0 || bodyBytes !== bitmapBytes + 2 * kept) throw damaged(type, `${bodyBytes} bytes for ${kept} of ${n} values`);
  let values = body + bitmapBytes;
  if (flags & PLANES) {
    const pairs = space.reserve(2 * kept);
    kernels.joinPairs(values, kept, pairs);
    values = pairs;
  }
  if (flags & COMPACT) {
    const all = space.reserve(2 * n);
    kernels.expand2(body, n, values, all);
    values = all;
  }
  const dst = space.reserve(into.byteLength);
  if (type === 'float16') kernels.fromHalf(values, n, dst);
  else kernels.fromBrain(values, n, dst);
  into.set(space.view(dst, into.byteLength));
}

/** How many float32 these are. Error: `RangeError` when there is a part of one. */
export function wholeFloats(raw: Uint8Array): number {
  if (raw.byteLength % 4 !== 0) throw new RangeError(`${raw.byteLength} bytes are no whole float32`);
  return raw.byteLength / 4;
}
