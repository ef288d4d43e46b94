/**
 * Pools. The maximum sends its gradient where it came from, the mean sends equal shares to all of its window; where windows overlap, what
 * arrives is added.
 *
 *     MaxPool       forward also says where each maximum was; zeros, and ∂y is added there (ScatterElements)
 *     AveragePool   a mean along each axis in turn is a product with a matrix [out, in] of shares; ∂x with the same matrix from the other side
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { intAttribute, intsAttribute } from '../../attribute.ts';
import { INT64 } from '../../infer/fact.ts';
import { int, text } from '../../zoo/attributes.ts';
import { expand, reshape, scale, transpose } from '../arithmetic.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';
import { type Window, windowOf } from './window.ts';

const maxPool: GradientRule = (site) => {
  const { w, gradient } = site;
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
