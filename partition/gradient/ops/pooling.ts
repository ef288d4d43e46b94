/**
 * Pools. The maximum sends its gradient where it came from, the mean sends equal shares to all of its window; where windows overlap, what
 * arrives is added.
 *
 *     MaxPool       small windows side by side: ∂y goes to the first place of its window that equals y
 *                   otherwise: forward also says where each maximum was; zeros, and ∂y is added there (ScatterElements)
 *     AveragePool   a mean along each axis in turn is a product with a matrix [out, in] of shares; ∂x with the same matrix from the other side
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { intAttribute, intsAttribute } from '../../attribute.ts';
import { INT64 } from '../../infer/fact.ts';
import { int, text } from '../../zoo/attributes.ts';
import { concat, expand, multiply, padAll, reshape, scale, sliceAll, split, subtract, transpose, truth } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';
import { type Window, windowOf } from './window.ts';

/** Elements of a window up to which it is faster to look at each of them than to ask for positions. */
const LOOKED_AT_MAX = 4;

const maxPool: GradientRule = (site) => {
  const { w, gradient } = site;
  const window = windowOf(site, site.input(0).dims.slice(2), intsAttribute(site.node.proto, 'kernel_shape')!);
  const { kernel, strides, dilations, begins, ends } = window;
  const sideBySide = kernel.every(
    (size, axis) => size === strides[axis] && dilations[axis] === 1 && begins[axis] === 0 && ends[axis] === 0,
  );
  if (sideBySide && elementCount(kernel) <= LOOKED_AT_MAX) return [toFirstMaximum(site, window)];
  if (intAttribute(site.node.proto, 'storage_order', 0) !== 0) throw site.unsupported('storage_order');
  const x = site.input(0);
  const [size, count] = [elementCount(x.dims), elementCount(gradient.dims)];
  // Positions in the whole tensor, batch and channels included.
  const places = reshape(w, { name: w.outputOf(site.node.proto, 1), dims: gradient.dims, dtype: INT64 }, [count]);
  const zeros = expand(w, w.numbers(0, x), [size]);
  const scattered = w.node(
    'ScatterElements',
    [zeros, places, reshape(w, gradient, [count])],
    [size],
    [int('axis', 0), text('reduction', 'add')],
  );
  return [reshape(w, scattered, x.dims)];
};

/** [N, C, in] ─▶ [places of a window, windows], each place compared with the maxima; what is not taken yet goes on to the next place. */
function toFirstMaximum(site: GradientSite, { kernel }: Window): Value {
  const { w, gradient } = site;
  const x = site.input(0);
  const [batch, channels, ...out] = gradient.dims as [number, number];
  const [count, windows] = [elementCount(kernel), elementCount(gradient.dims)];
  const reached = [batch, channels, ...out.map((size, axis) => size * kernel[axis]!)];
  const parts = [batch * channels, ...out.flatMap((size, axis) => [size, kernel[axis]!])];
  const places = kernel.map((_, axis) => 2 + 2 * axis);
  const order = [...places, 0, ...out.map((_, axis) => 1 + 2 * axis)];
  const origin = x.dims.map(() => 0);
  const turned = transpose(w, reshape(w, sliceAll(w, x, origin, reached), parts), order);
  const seen = split(w, reshape(w, turned, [count, windows]), 0, new Array<number>(count).fill(1));
  const maxima = reshape(w, site.output(), [1, windows]);
  let rest = reshape(w, gradient, [1, windows]);
  const taken: Value[] = [];
  for (const each of seen.slice(0, -1)) {
    const here = multiply(w, rest, truth(w, 'Equal', each, maxima, x.dtype));
    taken.push(here);
    rest = subtract(w, rest, here);
  }
  const joined = reshape(
    w,
    concat(w, [...taken, rest], 0),
    order.map((axis) => parts[axis]!),
  );
  const back = transpose(
    w,
    joined,
    order.map((_, axis) => order.indexOf(axis)),
  );
  return padAll(w, reshape(w, back, reached), origin, x.dims);
}

const averagePool: GradientRule = (site) => {
  const { w } = site;
  const x = site.input(0);
  const spatial = x.dims.slice(2);
  const window = windowOf(site, spatial, intsAttribute(site.node.proto, 'kernel_shape')!);
  let made = site.gradient;
  for (const [index, size] of spatial.entries()) {
    const [axis, out] = [index + 2, made.dims[index + 2]!];
    const shares = w.numbers(sharesOf(site, window, index, size, out), x, [out, size]);
    // [what is before, out, what is behind]: from the left, or from the right where nothing is behind.
    const [before, behind] = [elementCount(made.dims.slice(0, axis)), elementCount(made.dims.slice(axis + 1))];
    const dims = made.dims.with(axis, size);
    made =
      behind === 1
        ? reshape(w, w.node('MatMul', [reshape(w, made, [before, out]), shares], [before, size]), dims)
        : reshape(
            w,
            w.node('MatMul', [transpose(w, shares, [1, 0]), reshape(w, made, [before, out, behind])], [before, size, behind]),
            dims,
          );
  }
  return [made];
};

/** [out, in]: what each element contributes to the mean of each window along one axis. */
function sharesOf(site: GradientSite, window: Window, axis: number, size: number, out: number): readonly number[] {
  const countsPadding = intAttribute(site.node.proto, 'count_include_pad', 0) === 1;
  const shares = new Array<number>(out * size).fill(0);
  for (let step = 0; step < out; step += 1) {
    const first = step * window.strides[axis]! - window.begins[axis]!;
    const places = Array.from({ length: window.kernel[axis]! }, (_, index) => first + index * window.dilations[axis]!);
    const within = places.filter((place) => place >= 0 && place < size);
    for (const place of within) shares[step * size + place] = 1 / (countsPadding ? places.length : within.length);
  }
  return shares;
}

const globalAveragePool: GradientRule = (site) => {
  const { dims } = site.input(0);
  return [expand(site.w, scale(site.w, site.gradient, 1 / elementCount(dims.slice(2))), dims)];
};

export const pooling: GradientRules = { MaxPool: maxPool, AveragePool: averagePool, GlobalAveragePool: globalAveragePool };
