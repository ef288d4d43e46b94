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
  const [batch, all, ...out] = gradient.dims as [number, number];
  const [maps, channels] = weight.dims as [number, number];
  const [each, places, taps] = [maps / groups, elementCount(out), elementCount(window.kernel)];
  if (each * channels * taps < (each + channels) * places) {
    const seen = seenByTaps(w, x, window, out, true).map((one) => reshape(w, one, [batch * groups, channels, 1, places]));
    const columns = reshape(w, concat(w, seen, 2), [batch * groups, channels * taps, places]);
    const made = product(w, reshape(w, gradient, [batch * groups, each, places]), columns);
    return reshape(w, reduceSum(w, reshape(w, made, [batch, all * channels * taps]), [0]), weight.dims);
  }
  const seen = seenByTaps(w, x, window, out, false).map((one) => reshape(w, one, [groups, channels, 1, batch * places]));
  const columns = reshape(w, concat(w, seen, 2), [groups, channels * taps, batch * places]);
  const inRow = transpose(w, gradient, [1, 0, ...out.map((_, axis) => axis + 2)]);
  return reshape(w, product(w, reshape(w, inRow, [groups, each, batch * places]), columns), weight.dims);
}

/** a · bᵀ of each matrix. Runtimes compute it in one go, without turning b round. */
function product(w: GraphWriter, a: Value, b: Value): Value {
  const [count, rows, inner] = a.dims as [number, number, number];
  const columns = b.dims[1]!;
  if (count > 1) return w.node('MatMul', [a, transpose(w, b, [0, 2, 1])], [count, rows, columns]);
  return w.node('Gemm', [reshape(w, a, [rows, inner]), reshape(w, b, [columns, inner])], [rows, columns], [int('transB', 1)]);
}

/** Of each tap, in the order of the kernel, the places of x it met: [N, g·C, out], or [g·C, N, out] unless the examples come `first`. */
function seenByTaps(w: GraphWriter, x: Value, window: Window, out: readonly number[], first: boolean): readonly Value[] {
  const { kernel, strides, dilations } = window;
  const channels = x.dims[1]!;
  const phases = byPhase(w, x, window, out, first);
  return tapsOf(kernel).map((tap) => {
    const places = tap.map((index, axis) => index * dilations[axis]!);
    let phase = 0;
    for (const [axis, place] of places.entries()) phase = phase * strides[axis]! + (place % strides[axis]!);
    const starts = places.map((place, axis) => Math.floor(place / strides[axis]!));
    const others = first ? [x.dims[0]!, channels] : [channels, x.dims[0]!];
    return sliceAll(w, phases, first ? [0, phase * channels, ...starts] : [phase * channels, 0, ...starts], [...others, ...out]);
  });
}

/**
 * [N, C, in] ─▶ [N, phases · C, u] or, examples and channels exchanged, [phases · C, N, u], where place p of the padded x is u = ⌊p / stride⌋ of
 * phase p mod stride. Strides are 1 as a rule, and then this is x with its padding.
 */
function byPhase(w: GraphWriter, x: Value, { strides, dilations, kernel, begins }: Window, out: readonly number[], first: boolean): Value {
  const [batch, channels, ...spatial] = x.dims as [number, number];
  const counts = spatial.map((_, axis) => out[axis]! + Math.floor(((kernel[axis]! - 1) * dilations[axis]!) / strides[axis]!));
  const whole = counts.map((count, axis) => count * strides[axis]!);
  const reached = whole.map((size, axis) => Math.min(spatial[axis]!, size - begins[axis]!));
  const cut = sliceAll(
    w,
    x,
    x.dims.map(() => 0),
    [batch, channels, ...reached],
  );
  const padded = padAll(w, cut, [0, 0, ...begins], [batch, channels, ...whole]);
  const parts = reshape(w, padded, [batch, channels, ...counts.flatMap((count, axis) => [count, strides[axis]!])]);
  const [places, phases] = [counts.map((_, axis) => 2 + 2 * axis), counts.map((_, axis) => 3 + 2 * axis)];
  const turned = transpose(w, parts, first ? [0, ...phases, 1, ...places] : [...phases, 1, 0, ...places]);
  // Phases and channels in one axis: a slice of it is a piece of memory, and ONNX Runtime can't move the transposition behind the slices.
  const rows = channels * elementCount(strides);
  return reshape(w, turned, first ? [batch, rows, ...counts] : [rows, batch, ...counts]);
}

/** All positions of a kernel, the last axis fastest. */
function tapsOf(kernel: readonly number[]): readonly (readonly number[])[] {
  let taps: readonly (readonly number[])[] = [[]];
  for (const size of kernel) taps = taps.flatMap((tap) => Array.from({ length: size }, (_, index) => [...tap, index]));
  return taps;
}
