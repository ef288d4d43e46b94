/**
 * Pools. The maximum sends its gradient where it came from, the mean sends equal shares to all of its window; where windows overlap, what
 * arrives is added.
 *
 *     MaxPool       forward also says where each maximum was; zeros, and ∂y is added there (ScatterElements)
 *     AveragePool   ∂y divided by the number of elements of each window, then ConvTranspose with a kernel of ones, channel by channel
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { intAttribute, intsAttribute } from '../../attribute.ts';
import { INT64 } from '../../infer/fact.ts';
import { int, text } from '../../zoo/attributes.ts';
import { expand, multiply, reshape, scale } from '../arithmetic.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';
import { backwards, type Window, windowOf } from './window.ts';

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
  const { w, gradient } = site;
  const x = site.input(0);
  const [batch, channels, ...spatial] = x.dims as [number, number];
  const out = gradient.dims.slice(2);
  const window = windowOf(site, spatial, intsAttribute(site.node.proto, 'kernel_shape')!);
  const shares = multiply(w, gradient, w.numbers(sharesOf(site, window, spatial, out), x, [1, 1, ...out]));
  const alone = reshape(w, shares, [batch * channels, 1, ...out]);
  const ones = w.numbers(new Array<number>(elementCount(window.kernel)).fill(1), x, [1, 1, ...window.kernel]);
  return [reshape(w, w.node('ConvTranspose', [alone, ones], [batch * channels, 1, ...spatial], backwards(window)), x.dims)];
};

/** For each window 1 divided by the number of elements that its mean counts. */
function sharesOf(site: GradientSite, window: Window, spatial: readonly number[], out: readonly number[]): readonly number[] {
  const countsPadding = intAttribute(site.node.proto, 'count_include_pad', 0) === 1;
  const perAxis = out.map((steps, axis) =>
    Array.from({ length: steps }, (_, step) => {
      const first = step * window.strides[axis]! - window.begins[axis]!;
      const places = Array.from({ length: window.kernel[axis]! }, (_, index) => first + index * window.dilations[axis]!);
      return places.filter((place) => countsPadding || (place >= 0 && place < spatial[axis]!)).length;
    }),
  );
  let counts = [1];
  for (const sizes of perAxis) counts = counts.flatMap((count) => sizes.map((size) => count * size));
  return counts.map((count) => 1 / count);
}

const globalAveragePool: GradientRule = (site) => {
  const { dims } = site.input(0);
  return [expand(site.w, scale(site.w, site.gradient, 1 / elementCount(dims.slice(2))), dims)];
};

export const pooling: GradientRules = { MaxPool: maxPool, AveragePool: averagePool, GlobalAveragePool: globalAveragePool };
