/**
 * Which grid a group gets: how far it reaches (clipping), how wide its steps are, where it begins.
 *
 *     low ───────────0──────────── high     all of it: the largest values decide about the steps of all others
 *          ├─────────┼──────────┤           clipped at ±reach: few values lose much, all others gain a little
 *
 * Searched: the reach shrinks by an eighth as long as the squared error of the group, measured on all its values, shrinks too (a directed search
 * as in Wang et al., "QuantPipe", ICASSP 2023), and stays whole when that gains little.
 * Analytic: reach = factor × Laplace scale b, b = mean |x|, 2 × mean for what a ReLU left over (Banner et al., "Post training 4-bit quantization
 * of convolutional networks for rapid-deployment" (ACIQ), NeurIPS 2019); the caller passes the factors.
 *
 * Steps have 16 bits: the 8 of a float32's exponent and the upper 8 of its mantissa, rounded up. Grids begin at an integer number of
 * steps, so that zero, if it is within the range at all, is on the grid.
 */
import { high, low, meanMagnitude, range, largest, squaredError } from './range';

export const CLIP_NOT = 0;
export const CLIP_SEARCH = 1;
export const CLIP_LAPLACE = 2;

/** Float32 bits of the largest finite number plus one. */
const INFINITY_BITS: u32 = 0x7f800000;
/** A grid begins within so many steps from zero: fits into 16 bits with room for the steps themselves. */
export const FLOOR_MAX: f64 = 32000;
/** Steps from here on would be infinite or NaN. */
export const STEP_END: u32 = 0xff00;
const SHRINK: f64 = 0.875;
const SEARCH_STEPS = 16;
/** Clipping makes the largest error several times larger: only for a squared error that shrinks to this. */
const CLIPPED_MAX: f64 = 0.95;

/** What a group is. */
export const GRID = 0;
export const CONSTANT = 1;
export const ZERO = 2;
/** Infinite, NaN, or too small or too large for a grid. */
export const REFUSED = 3;

/** The step as it is stored; the step is `scaleOf(step)`. */
export let step: u32 = 0;
/** The grid's first point, in steps. */
export let floor: i32 = 0;
export let constant: f32 = 0;

export function scaleOf(step: u32): f32 {
  return reinterpret<f32>(step << 15);
}

/** Chooses the grid of a group of n > 0 floats; what kind it is. `twoSided` and `oneSided`: the analytic clip's factors. */
export function chooseGrid(src: usize, n: usize, bits: i32, clip: i32, twoSided: f64, oneSided: f64): i32 {
  range(src, n);
  if (largest >= INFINITY_BITS) return REFUSED;
  constant = low;
  if (low === high) return low === 0 ? ZERO : CONSTANT;
  const lowest = f64(low);
  const highest = f64(high);
  const farthest = max(-lowest, highest);
  const reaches = lowest <= 0 && highest >= 0;
  if (clip === CLIP_LAPLACE && reaches) {
    const mean = meanMagnitude(src, n);
    const reach = lowest === 0 || highest === 0 ? 2 * mean * oneSided : mean * twoSided;
    return setGrid(lowest, highest, min(farthest, reach), bits) ? GRID : REFUSED;
  }
  if (!setGrid(lowest, highest, farthest, bits)) return REFUSED;
  if (clip === CLIP_SEARCH && reaches) search(src, n, bits, lowest, highest, farthest);
  return GRID;
}

/**
 * The farthest value alone loses at least what it is clipped by: where that is more than the whole group loses now, nothing needs to be
 * tried. Before anything is measured: the whole group loses at most half a step for each element.
 */
function search(src: usize, n: usize, bits: i32, lowest: f64, highest: f64, farthest: f64): void {
  const scale = f64(scaleOf(step));
  if (clippingLoses(farthest, farthest * SHRINK, scale) >= (f64(n) * scale * scale) / 4) return;
  const unclipped = errorOf(src, n, bits);
  const wholeStep = step;
  const wholeFloor = floor;
  let best = unclipped;
  let bestStep = step;
  let bestFloor = floor;
  let reach = farthest;
  for (let i = 0; i < SEARCH_STEPS; i++) {
    reach *= SHRINK;
    if (!setGrid(lowest, highest, reach, bits) || clippingLoses(farthest, reach, f64(scaleOf(step))) >= best) break;
    const error = errorOf(src, n, bits);
    if (error >= best) break;
    best = error;
    bestStep = step;
    bestFloor = floor;
  }
  const clips = best < unclipped * CLIPPED_MAX;
  step = clips ? bestStep : wholeStep;
  floor = clips ? bestFloor : wholeFloor;
}

/** A grid reaches beyond its end by up to one and a half steps, and by one more because steps are rounded up. */
const STEPS_BEYOND: f64 = 3;

function clippingLoses(farthest: f64, reach: f64, scale: f64): f64 {
  const loss = max(0, farthest - reach - STEPS_BEYOND * scale);
  return loss * loss;
}

function errorOf(src: usize, n: usize, bits: i32): f64 {
  const scale = scaleOf(step);
  const squares = squaredError(src, n, 1 / scale, f32(floor), f32(floor + (1 << bits) - 1));
  return f64(squares) * f64(scale) * f64(scale);
}

/** False when steps would be subnormal or infinite. */
function setGrid(lowest: f64, highest: f64, reach: f64, bits: i32): bool {
  const from = max(lowest, -reach);
  const to = min(highest, reach);
  const points = f64(1 << bits);
  // A grid that begins or ends at zero ends on its other end; any other is shifted by up to half a step, and has one more for it.
  const steps = from === 0 || to === 0 ? points - 1 : points - 2;
  const exact = max((to - from) / steps, max(abs(from), abs(to)) / FLOOR_MAX);
  const upper = (reinterpret<u32>(f32(exact)) + 0x7fff) >> 15;
  if (upper < 0x100 || upper >= STEP_END) return false;
  step = upper;
  floor = to === 0 ? 1 - (1 << bits) : i32(nearest(from / f64(scaleOf(upper))));
  return true;
}
