/**
 * The gradient of a convolution's weights, as products of matrices: what each tap of the kernel saw, times ∂y.
 *
 *     ∂w[m, c, j] = Σ over examples n and places t of ∂y[n, m, t] · x[n, c, t · stride + j · dilation]
 *
 *     x ─▶ padded, its places sorted by phase ─▶ one slice for each tap j ─▶ [C · taps, …]
 *
 *     long signals, few channels:   of each example [M, T] · [T, C · taps], then the sum over the examples
 *     otherwise:                    of all examples at once [M, N·T] · [N·T, C · taps], for which they have to lie in a row
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { int } from '../../zoo/attributes.ts';
import { concat, padAll, reduceSum, reshape, sliceAll, transpose } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { GradientSite } from '../rule.ts';
import type { Window } from './window.ts';

/** [g·M, C, kernel], of a node whose output has `site.gradient`. */
export function weightGradient(site: GradientSite, window: Window, groups: number): Value {
  const { w, gradient } = site;
  const [x, weight] = [site.input(0), site.input(1)];
  const [batch, , ...out] = gradient.dims as [number, number];
  const [maps, channels] = weight.dims as [number, number];
  const [each, places, taps] = [maps / groups, elementCount(out), elementCount(window.kernel)];
  const alone = each * channels * taps < (each + channels) * places;
  // Examples in front, or groups and channels in front: what is summed up over stands last.
  const phases = byPhase(w, x, window, out, alone);
  const seen = seenByTaps(w, phases, window, out, alone ? 2 : 1);
  if (alone) {
    const columns = concat(
      w,
      seen.map((one) => reshape(w, one, [batch, groups, channels, 1, places])),
      3,
    );
    const right = transpose(w, reshape(w, columns, [batch, groups, channels * taps, places]), [0, 1, 3, 2]);
    const left = reshape(w, gradient, [batch, groups, each, places]);
    const made = w.node('MatMul', [left, right], [batch, groups, each, channels * taps]);
    return reshape(w, reduceSum(w, made, [0]), weight.dims);
  }
  const inRow = transpose(w, gradient, [1, 0, ...out.map((_, axis) => axis + 2)]);
  const columns = concat(
    w,
    seen.map((one) => reshape(w, one, [groups, channels, 1, batch * places])),
    2,
  );
  if (groups === 1) {
    const [left, right] = [reshape(w, inRow, [maps, batch * places]), reshape(w, columns, [channels * taps, batch * places])];
    return reshape(w, w.node('Gemm', [left, right], [maps, channels * taps], [int('transB', 1)]), weight.dims);
  }
  const left = reshape(w, inRow, [groups, each, batch * places]);
  const right = transpose(w, reshape(w, columns, [groups, channels * taps, batch * places]), [0, 2, 1]);
  return reshape(w, w.node('MatMul', [left, right], [groups, each, channels * taps]), weight.dims);
}

/**
 * [N, C, in] ─▶ [N, C, phases, u] or, examples and channels exchanged, [C, phases, N, u], where place p of the padded x is u = ⌊p / stride⌋ of
 * phase p mod stride. Strides are 1 as a rule, and then this is x with its padding.
 */
function byPhase(w: GraphWriter, x: Value, { strides, dilations, kernel, begins }: Window, out: readonly number[], alone: boolean): Value {
  const [batch, channels, ...spatial] = x.dims as [number, number];
  const counts = spatial.map((_, axis) => out[axis]! + Math.floor(((kernel[axis]! - 1) * dilations[axis]!) / strides[axis]!));
  const whole = counts.map((count, axis) => count * strides[axis]!);
  const cut = sliceAll(
    w,
    x,
    x.dims.map(() => 0),
    [batch, channels, ...whole.map((size, axis) => Math.min(spatial[axis]!, size - begins[axis]!))],
  );
  const padded = padAll(w, cut, [0, 0, ...begins], [batch, channels, ...whole]);
  const parts = reshape(w, padded, [batch, channels, ...counts.flatMap((count, axis) => [count, strides[axis]!])]);
  const [places, phases] = [counts.map((_, axis) => 2 + 2 * axis), counts.map((_, axis) => 3 + 2 * axis)];
  return transpose(w, parts, alone ? [0, 1, ...phases, ...places] : [1, ...phases, 0, ...places]);
}

/** Of each tap, in the order of the kernel, the places of x it met. `first`: the axis of the phases. */
function seenByTaps(
  w: GraphWriter,
  phases: Value,
  { kernel, strides, dilations }: Window,
  out: readonly number[],
  first: number,
): readonly Value[] {
  const last = phases.dims.length - kernel.length;
  return tapsOf(kernel).map((tap) => {
    const starts = phases.dims.map(() => 0);
    const sizes = [...phases.dims];
    for (const [axis, index] of tap.entries()) {
      const place = index * dilations[axis]!;
      starts[first + axis] = place % strides[axis]!;
      sizes[first + axis] = 1;
      starts[last + axis] = Math.floor(place / strides[axis]!);
      sizes[last + axis] = out[axis]!;
    }
    return sliceAll(w, phases, starts, sizes);
  });
}

/** All positions of a kernel, the last axis fastest. */
function tapsOf(kernel: readonly number[]): readonly (readonly number[])[] {
  let taps: readonly (readonly number[])[] = [[]];
  for (const size of kernel) taps = taps.flatMap((tap) => Array.from({ length: size }, (_, index) => [...tap, index]));
  return taps;
}
