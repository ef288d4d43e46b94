/**
 * float32 as integers of 8, 6 or 4 bits on a grid for each group of neighbours (a channel, a token).
 *
 *     header    kind affine; flags LZ4, COMPACT; detail: bits
 *      8-11     group: elements that share a grid
 *     12-15     head: elements of the first group when it is shorter, because it began in the chunk before; else 0
 *     16-19     columns: 0, or the chunk is a matrix of so many columns that was transposed first (its last, incomplete row was not)
 *     body      table: for each group its step and floor, in four planes; constants, float32 each (see assembly/activations/affine.ts)
 *               COMPACT: bitmap of the codes that are not zero, ceil(n / 8) bytes as in sparse
 *               codes as bit planes: `bits` planes of ceil(m / 8) bytes, m codes; plane k, byte i, bit j: bit k of code 8i + j
 *
 * Each group has a step s (16 bits of a float32) and a floor; a code is an integer r of [floor, floor + 2^bits - 1], taken mod 2^bits
 * and folded (see assembly/activations/quantise.ts), and means r × s. Zero is exactly zero, groups of one value are exactly that.
 */

import { type EncodedActivations, wholeFloats } from './activations-float16.ts';
import { COMPACT, damaged, finish, LZ4, openBody, readHeader, writeHeader } from './activations-header.ts';
import type { Workspace } from './activations-module.ts';
import { laplaceFactors } from './laplace-clip.ts';

export type AffineBits = 4 | 6 | 8;

const HEADER_BYTES = 20;
const GROUP_MAX = 2 ** 30;
const TABLE_ENTRY_BYTES = 4;
const CONSTANT_BYTES = 4;
const clips = { none: 0, search: 1, laplace: 2 } as const;
/** Leaving zeros out saves their bits and costs a bit for each element; below this gain LZ4 alone is as good. */
const GAIN_MIN = 0.05;
/** Transposing costs time in both directions: only when the squared steps shrink to this. */
const TRANSPOSED_MAX = 0.8;
/** Columns shorter than this would have more table than codes. */
const ROWS_MIN = 32;
/** |x - x'| was measured in float32, whose rounding is half of this. */
const MEASURED_SLACK = 1 + 2 ** -23;

export interface AffineOptions {
  readonly bits: AffineBits;
  /** Elements that follow each other and share a grid, at least 1. */
  readonly group: number;
  /** Elements before the first whole group; 0 to group - 1. */
  readonly head: number;
  /**
   * The elements are rows of so many columns, whose columns may be the better groups: decided by their ranges, and then group and head do not
   * count. Absent: never.
   */
  readonly columns?: number;
  /**
   * What happens to values that lie far out: all stay on the grid (`none`), or the ones beyond a limit are clipped that is searched for the
   * smallest squared error (`search`), or computed as for a Laplace distribution (`laplace`). Default: search.
   */
  readonly clip?: keyof typeof clips;
}

/** Undefined when an element is NaN or infinite, or a group is too small or too large in value for a grid of normal float32. */
export function encodeAffine(space: Workspace, raw: Uint8Array, options: AffineOptions): EncodedActivations | undefined {
  const n = wholeFloats(raw);
  const { bits, clip = 'search' } = options;
  checkGroups(options);
  const { kernels } = space;
  space.reset();
  let src = space.put(raw);
  let { group, head } = options;
  const columns = options.columns !== undefined && columnsAreBetter(space, src, n, options.columns, group) ? options.columns : 0;
  if (columns > 0) {
    src = transposeRows(space, src, n, columns);
    group = Math.floor(n / columns);
    head = 0;
  }

  const groups = kernels.groupsOf(n, head, group);
  const padded = (n + 7) & ~7;
  const at = space.reserve(HEADER_BYTES + (TABLE_ENTRY_BYTES + CONSTANT_BYTES) * groups + n + 2 * padded);
  const table = at + HEADER_BYTES;
  const codes = space.reserve(padded);
  const { twoSided, oneSided } = laplaceFactors(bits);
  const constants = kernels.encodeGroups(src, n, head, group, bits, clips[clip], twoSided, oneSided, table, codes);
  if (constants < 0) return undefined;

  let to = table + TABLE_ENTRY_BYTES * groups + CONSTANT_BYTES * constants;
  let kept = n;
  let values = codes;
  let flags = 0;
  if (kernels.countZeros1(codes, n) * bits > n * (1 + GAIN_MIN * bits)) {
    // Transposed or not, the floats are not needed any more.
    values = src;
    kept = kernels.compact1(codes, n, to, values);
    to += (n + 7) >> 3;
    flags = COMPACT;
  }
  const planeBytes = (kept + 7) >> 3;
  space.view(values + kept, 8 * planeBytes - kept).fill(0);
  // Eight planes are written; those above `bits` are zero, and not sent.
  kernels.toPlanes(values, 8 * planeBytes, to);
  to += bits * planeBytes;

  const header = space.dataView(at, HEADER_BYTES);
  writeHeader(header, 'affine', { flags, detail: bits, n });
  header.setUint32(8, group, true);
  header.setUint32(12, head, true);
  header.setUint32(16, columns, true);
  const errorMax = floatOf(kernels.worst.value) * MEASURED_SLACK;
  return { bytes: finish(space, at, HEADER_BYTES, to - table, true), errorMax };
}

function checkGroups({ group, head, columns = 1 }: AffineOptions): void {
  if (Number.isInteger(group) && group >= 1 && group <= GROUP_MAX && Number.isInteger(head) && head >= 0 && head < group) {
    if (Number.isInteger(columns) && columns >= 1) return;
  }
  throw new RangeError(
    `groups of ${group}, the first ${head}, ${columns} columns; expected 1 to ${GROUP_MAX}, less than a group, at least 1`,
  );
}

/** Noise grows with the square of the step, which is proportional to the range: compares the sums over all groups. */
function columnsAreBetter(space: Workspace, src: number, n: number, columns: number, group: number): boolean {
  const rows = Math.floor(n / columns);
  if (rows < ROWS_MIN || columns < 2) return false;
  const scratch = space.reserve(8 * columns);
  const byColumn = space.kernels.columnSpread(src, rows, columns, scratch) * rows;
  const byGroup = space.kernels.rowSpread(src, Math.floor(n / group), group) * group;
  return byColumn < byGroup * TRANSPOSED_MAX;
}

function transposeRows(space: Workspace, src: number, n: number, columns: number): number {
  const rows = Math.floor(n / columns);
  const whole = 4 * rows * columns;
  const there = space.reserve(4 * n);
  space.kernels.transpose(src, rows, columns, there);
  space.view(there + whole, 4 * n - whole).set(space.view(src + whole, 4 * n - whole));
  return there;
}

/** Fills `into` with float32. Error `damaged` when the bytes are damaged or hold something else than so many bytes, `unsupported`. */
export function decodeAffine(space: Workspace, encoded: Uint8Array, into: Uint8Array): void {
  const n = into.byteLength / 4;
  const { flags, detail: bits } = readHeader(encoded, 'affine', n, LZ4 | COMPACT, HEADER_BYTES);
  const header = new DataView(encoded.buffer, encoded.byteOffset);
  const group = header.getUint32(8, true);
  const head = header.getUint32(12, true);
  const columns = header.getUint32(16, true);
  if (bits !== 8 && bits !== 6 && bits !== 4) throw damaged('affine', `codes of ${bits} bits`);
  if (group < 1 || group > GROUP_MAX || head >= group || columns > n)
    throw damaged('affine', `groups of ${group}, the first ${head}, ${columns} columns`);
  const { kernels } = space;
  space.reset();
  const groups = kernels.groupsOf(n, head, group);
  const tableBytes = TABLE_ENTRY_BYTES * groups;
  const bitmapBytes = flags & COMPACT ? (n + 7) >> 3 : 0;
  const bodyBytesMax = tableBytes + CONSTANT_BYTES * groups + bitmapBytes + bits * ((n + 7) >> 3);
  const { body, bodyBytes } = openBody(space, encoded, { kind: 'affine', flags, headerBytes: HEADER_BYTES, bodyBytesMax });
  const padded = (n + 7) & ~7;
  const planes = space.reserve(padded);
  let codes = space.reserve(padded);
  const dst = space.reserve(into.byteLength);
  const turned = columns > 0 ? space.reserve(into.byteLength) : 0;
  const all = flags & COMPACT ? space.reserve(n) : 0;
  if (bodyBytes < tableBytes) throw damaged('affine', `${bodyBytes} bytes for a table of ${groups} groups`);
  const constants = countConstants(space, body, groups);
  const bitmap = body + tableBytes + CONSTANT_BYTES * constants;
  const before = bitmap - body + bitmapBytes;
  const kept = flags & COMPACT && before <= bodyBytes ? kernels.countBits(bitmap, n) : n;
  const planeBytes = (kept + 7) >> 3;
  if (kept < 0 || bodyBytes !== before + bits * planeBytes) throw damaged('affine', `${bodyBytes} bytes for ${kept} of ${n} codes`);

  space.view(planes, bits * planeBytes).set(space.view(body + before, bits * planeBytes));
  space.view(planes + bits * planeBytes, (8 - bits) * planeBytes).fill(0);
  kernels.fromPlanes(planes, 8 * planeBytes, codes);
  if (flags & COMPACT) {
    kernels.expand1(bitmap, n, codes, all);
    codes = all;
  }
  if (kernels.decodeGroups(body, constants, codes, n, head, group, bits, dst) !== 0) throw damaged('affine', 'its constants');
  if (columns > 0) {
    const rows = Math.floor(n / columns);
    const whole = 4 * rows * columns;
    kernels.transpose(dst, columns, rows, turned);
    into.set(space.view(turned, whole));
    into.set(space.view(dst + whole, 4 * n - whole), whole);
  } else into.set(space.view(dst, into.byteLength));
}

/** Groups whose step is 0 and whose floor is not. */
function countConstants(space: Workspace, table: number, groups: number): number {
  const bytes = space.view(table, TABLE_ENTRY_BYTES * groups);
  let count = 0;
  for (let i = 0; i < groups; i++) {
    if (bytes[i] === 0 && bytes[groups + i] === 0 && (bytes[2 * groups + i] !== 0 || bytes[3 * groups + i] !== 0)) count++;
  }
  return count;
}

function floatOf(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits);
  return view.getFloat32(0);
}
