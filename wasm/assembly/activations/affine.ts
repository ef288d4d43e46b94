/**
 * A chunk as groups of floats that share a grid: encode and decode all groups.
 *
 *     n floats = [head] [group] [group] … [rest]        head: the end of a group that began in the chunk before (0: none)
 *
 * The table has four planes of one byte for each group, because each plane by itself is more alike than the whole:
 *
 *     steps, upper byte │ steps, lower byte │ floors, lower byte │ floors, upper byte │ constants, float32 each
 *
 * A step of 0 is a group without grid: all zero when its floor is 0, else one constant, which is exact.
 */
import { dequantise, quantise } from './quantise';
import { CONSTANT, FLOOR_MAX, REFUSED, STEP_END, ZERO, chooseGrid, constant, floor, scaleOf, step } from './scale';

/** Infinite, NaN, or too small or too large for a grid. */
export const NO_GRID = -1;
/** A table announces more constants than there are. */
export const NO_CONSTANT = -2;

/** Bits of the largest |x - x'| of the chunk that was encoded last. */
export let worst: u32 = 0;

export function groupsOf(n: usize, head: usize, group: usize): usize {
  const first = min(head, n);
  return (first > 0 ? 1 : 0) + (n - first + group - 1) / group;
}

/** Writes n codes, 4 bytes of table for each group, and the constants behind it. Returns how many constants, or NO_GRID. */
export function encodeGroups(
  src: usize,
  n: usize,
  head: usize,
  group: usize,
  bits: i32,
  clip: i32,
  twoSided: f64,
  oneSided: f64,
  table: usize,
  codes: usize,
): i32 {
  const groups = groupsOf(n, head, group);
  let constants = 0;
  worst = 0;
  let from: usize = 0;
  for (let i: usize = 0; i < groups; i++) {
    const count = min(n - from, i === 0 && head > 0 ? head : group);
    const kind = chooseGrid(src + from * 4, count, bits, clip, twoSided, oneSided);
    if (kind === REFUSED) return NO_GRID;
    if (kind === CONSTANT || kind === ZERO) {
      setEntry(table, groups, i, 0, kind === ZERO ? 0 : 1);
      memory.fill(codes + from, 0, count);
      if (kind === CONSTANT) store<f32>(table + groups * 4 + 4 * constants++, constant);
    } else {
      const scale = scaleOf(step);
      setEntry(table, groups, i, step, floor);
      worst = max(worst, quantise(src + from * 4, count, bits, scale, 1 / scale, floor, codes + from));
    }
    from += count;
  }
  return worst < 0x7f800000 ? constants : NO_GRID;
}

function setEntry(table: usize, groups: usize, i: usize, step: u32, floor: i32): void {
  store<u8>(table + i, u8(step >> 8));
  store<u8>(table + groups + i, u8(step));
  store<u8>(table + groups * 2 + i, u8(floor));
  store<u8>(table + groups * 3 + i, u8(floor >> 8));
}

/** The way back: n floats from table, constants and codes. Returns 0, NO_CONSTANT, or NO_GRID for a grid that no encoder makes. */
export function decodeGroups(
  table: usize,
  constants: i32,
  codes: usize,
  n: usize,
  head: usize,
  group: usize,
  bits: i32,
  dst: usize,
): i32 {
  const groups = groupsOf(n, head, group);
  let used = 0;
  let from: usize = 0;
  for (let i: usize = 0; i < groups; i++) {
    const count = min(n - from, i === 0 && head > 0 ? head : group);
    const step = (u32(load<u8>(table + i)) << 8) | load<u8>(table + groups + i);
    const floor = i32(i16((i32(load<u8>(table + groups * 3 + i)) << 8) | i32(load<u8>(table + groups * 2 + i))));
    const to = dst + from * 4;
    if (step >= STEP_END || abs(floor) > i32(FLOOR_MAX)) return NO_GRID;
    if (step !== 0) dequantise(codes + from, count, bits, scaleOf(step), floor, to);
    else if (floor === 0) memory.fill(to, 0, count * 4);
    else {
      if (used >= constants) return NO_CONSTANT;
      const value = load<u32>(table + groups * 4 + 4 * used++);
      for (let j: usize = 0; j < count; j++) store<u32>(to + j * 4, value);
    }
    from += count;
  }
  return used === constants ? 0 : NO_CONSTANT;
}
