/**
 * The affine format, read and written as its description says, one value at a time, in double precision where that is exact and in float32
 * where the format demands it.
 *
 *     quantiseChunk   floats ─▶ grids and codes          what an encoder should choose
 *     readChunk       bytes ─▶ grids and codes           what it chose
 *     valuesOf        grids and codes ─▶ floats
 */
import { uncompressSync } from 'lz4-napi';
import { roundEven } from './float16.ts';

export interface Grid {
  /** 0: no grid, all values are `constant`. */
  readonly scale: number;
  readonly floor: number;
  readonly constant: number;
  readonly count: number;
}

export interface Chunk {
  readonly bits: number;
  readonly columns: number;
  readonly grids: readonly Grid[];
  /** r of each value: the integer of which scale × r is the value; where there is no grid, its code, 0. */
  readonly steps: readonly number[];
}

const { fround } = Math;

/** The groups of n values. */
export function counts(n: number, head: number, group: number): number[] {
  const sizes = head > 0 && n > 0 ? [Math.min(head, n)] : [];
  for (let rest = n - Math.min(head, n); rest > 0; rest -= group) sizes.push(Math.min(group, rest));
  return sizes;
}

/** The values of each group. */
export function grouped(floats: Float32Array, sizes: readonly number[]): number[][] {
  let at = 0;
  return sizes.map((count) => {
    at += count;
    return [...floats.subarray(at - count, at)];
  });
}

export function readChunk(bytes: Uint8Array): Chunk {
  const header = new DataView(bytes.buffer, bytes.byteOffset);
  const [flags, bits, n] = [bytes[2]!, bytes[3]!, header.getUint32(4, true)];
  const [group, head, columns] = [header.getUint32(8, true), header.getUint32(12, true), header.getUint32(16, true)];
  const body = flags & 1 ? unpacked(bytes.subarray(20)) : bytes.subarray(20);
  const sizes = counts(n, head, group);
  const groups = sizes.length;
  let at = 4 * groups;
  const grids = sizes.map((count, i): Grid => {
    const step = body[i]! * 256 + body[groups + i]!;
    const floor = ((body[3 * groups + i]! * 256 + body[2 * groups + i]!) << 16) >> 16;
    if (step !== 0) return { scale: floatOf(step * 2 ** 15), floor, constant: 0, count };
    if (floor === 0) return { scale: 0, floor, constant: 0, count };
    at += 4;
    return { scale: 0, floor, constant: new DataView(body.buffer, body.byteOffset + at - 4).getFloat32(0, true), count };
  });
  const bitOf = (from: number, i: number) => (body[from + (i >> 3)]! >> (i & 7)) & 1;
  const bitmap = at;
  const isKept = (i: number) => !(flags & 2) || bitOf(bitmap, i) === 1;
  if (flags & 2) at += Math.ceil(n / 8);
  const kept = Array.from({ length: n }, (_, i) => Number(isKept(i))).reduce((sum, one) => sum + one, 0);
  const planeBytes = Math.ceil(kept / 8);
  if (at + bits * planeBytes !== body.byteLength) throw new Error(`${body.byteLength} bytes of body, expected ${at + bits * planeBytes}`);
  let next = 0;
  const codes = Array.from({ length: n }, (_, i) => {
    if (!isKept(i)) return 0;
    let code = 0;
    for (let plane = 0; plane < bits; plane++) code += bitOf(at + plane * planeBytes, next) << plane;
    next++;
    return code;
  });
  const points = 2 ** bits;
  const gridOf = grids.flatMap((grid) => Array.from({ length: grid.count }, () => grid));
  const steps = codes.map((code, i) => {
    const { floor, scale } = gridOf[i]!;
    if (scale === 0) return code;
    const residue = code >= points / 2 ? points / 2 + (points - 1 - code) : code;
    let r = floor;
    while ((((r - residue) % points) + points) % points !== 0) r++;
    return r;
  });
  return { bits, columns, grids, steps };
}

/** In the order of the tensor. */
export function valuesOf({ grids, steps, columns }: Chunk): Float32Array {
  let at = 0;
  const values = grids.flatMap(({ scale, constant, count }) => {
    const group = steps.slice(at, at + count).map((r) => (scale === 0 ? constant : fround(r * scale)));
    at += count;
    return group;
  });
  return Float32Array.from(values, (_, i) => values[placeOf(i, values.length, columns)]!);
}

/** Where the format has element i of the tensor. */
export function placeOf(i: number, n: number, columns: number): number {
  const rows = columns === 0 ? 0 : Math.floor(n / columns);
  return i >= rows * columns ? i : (i % columns) * rows + Math.floor(i / columns);
}

/** Values in the order of the format; undefined when a group can't be on a grid. */
export function quantiseGroup(values: readonly number[], bits: number, clips: boolean): { grid: Grid; steps: number[] } | undefined {
  if (values.some((x) => !Number.isFinite(x))) return undefined;
  const [low, high, count] = [Math.min(...values), Math.max(...values), values.length];
  if (low === high) {
    const grid = low === 0 ? { scale: 0, floor: 0, constant: 0, count } : { scale: 0, floor: 1, constant: low, count };
    return { grid, steps: values.map(() => 0) };
  }
  const farthest = Math.max(-low, high);
  let best = gridFor(low, high, farthest, bits);
  if (best === undefined) return undefined;
  if (clips && low <= 0 && high >= 0) {
    const whole = best;
    const unclipped = errorOf(values, whole, bits);
    let error = unclipped;
    for (let i = 1; i <= 16; i++) {
      const tried = gridFor(low, high, farthest * 0.875 ** i, bits);
      const triedError = tried === undefined ? Number.POSITIVE_INFINITY : errorOf(values, tried, bits);
      if (tried === undefined || triedError >= error) break;
      [best, error] = [tried, triedError];
    }
    if (error >= 0.95 * unclipped) best = whole;
  }
  const { scale, floor } = best;
  return { grid: { scale, floor, constant: 0, count }, steps: values.map((x) => stepOf(x, { scale, floor }, bits)) };
}

type Bounds = Pick<Grid, 'scale' | 'floor'>;

function gridFor(low: number, high: number, reach: number, bits: number): Bounds | undefined {
  const [from, to] = [Math.max(low, -reach), Math.min(high, reach)];
  const steps = 2 ** bits - (from === 0 || to === 0 ? 1 : 2);
  const exact = Math.max((to - from) / steps, Math.max(Math.abs(from), Math.abs(to)) / 32000);
  const scale = floatOf(Math.ceil(bitsOf(exact) / 2 ** 15) * 2 ** 15);
  if (scale < 2 ** -126 || !Number.isFinite(scale)) return undefined;
  return { scale, floor: to === 0 ? 1 - 2 ** bits : roundEven(from / scale) + 0 };
}

function stepOf(x: number, { scale, floor }: Bounds, bits: number): number {
  const scaled = fround(fround(x) * fround(1 / scale));
  // Adding 0 makes 0 of -0.
  return roundEven(Math.min(Math.max(scaled, floor), floor + 2 ** bits - 1)) + 0;
}

/** In float32, in the order of the additions that the format's encoder promises: four lanes, then the rest. */
function errorOf(values: readonly number[], grid: Bounds, bits: number): number {
  const whole = values.length - (values.length % 4);
  const lanes = [0, 0, 0, 0, 0];
  for (const [i, x] of values.entries()) {
    const scaled = fround(fround(x) * fround(1 / grid.scale));
    const error = fround(scaled - stepOf(x, grid, bits));
    const lane = i < whole ? i % 4 : 4;
    lanes[lane] = fround(lanes[lane]! + fround(error * error));
  }
  const [a, b, c, d, rest] = lanes as [number, number, number, number, number];
  return fround(fround(fround(a + b) + fround(c + d)) + rest) * grid.scale * grid.scale;
}

function bitsOf(x: number): number {
  return new Uint32Array(Float32Array.of(x).buffer)[0]!;
}

function floatOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

/** By another implementation of LZ4, which wants the size in front; four bytes more than needed would be an error, so it is searched for. */
function unpacked(block: Uint8Array): Uint8Array {
  const size = sizeOfBlock(block);
  const framed = Buffer.alloc(4 + block.byteLength);
  framed.writeUInt32LE(size);
  framed.set(block, 4);
  return uncompressSync(framed);
}

/** What the sequences of an LZ4 block add up to. */
function sizeOfBlock(block: Uint8Array): number {
  let size = 0;
  let at = 0;
  const more = (nibble: number) => {
    let length = nibble;
    if (nibble < 15) return length;
    while (block[at] === 255) length += block[at++]!;
    return length + block[at++]!;
  };
  while (at < block.byteLength) {
    const token = block[at++]!;
    const literals = more(token >> 4);
    size += literals;
    at += literals;
    if (at >= block.byteLength) break;
    at += 2;
    size += more(token & 15) + 4;
  }
  return size;
}
