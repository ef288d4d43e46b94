/**
 * Parts of tensors, and tensors put together: what one operator takes apart, the gradient puts together.
 *
 *     Concat ◀▶ Slice      Split ◀▶ Concat      Slice ◀▶ Pad with zeros, and where it steps, a Gather that reads them in between
 */
import { intAttribute } from '../../attribute.ts';
import { int } from '../../zoo/attributes.ts';
import { expand, isSame, slice } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { GradientRule, GradientRules, GradientSite } from '../rule.ts';

function fromFront(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}

const concat: GradientRule = (site) => {
  const { w, gradient } = site;
  const axis = fromFront(intAttribute(site.node.proto, 'axis', 0), gradient.dims.length);
  let end = 0;
  return site.node.proto.input.map((_, position) => {
    const first = end;
    end += site.input(position).dims[axis]!;
    return site.wants(position) ? slice(w, gradient, axis, first, end) : undefined;
  });
};

const split: GradientRule = (site) => {
  const { w } = site;
  const x = site.input(0);
  const axis = intAttribute(site.node.proto, 'axis', 0);
  const parts = site.node.proto.output.map((_, position) => {
    const { dims } = site.output(position);
    return site.gradientOf(position) ?? expand(w, w.numbers(0, x), dims);
  });
  return [parts.length === 1 ? parts[0] : w.node('Concat', parts, x.dims, [int('axis', axis)])];
};

/** Zeros before and after along an axis. */
function pad(w: GraphWriter, x: Value, axis: number, before: number, after: number): Value {
  if (before === 0 && after === 0) return x;
  const pads = [...x.dims, ...x.dims].map((_, side) => (side === axis ? before : side === axis + x.dims.length ? after : 0));
  return w.node('Pad', [x, w.integers(pads)], x.dims.with(axis, before + x.dims[axis]! + after));
}

/** A Slice along one axis, backwards. */
function unslice(w: GraphWriter, gradient: Value, axis: number, size: number, start: number, step: number): Value {
  const count = gradient.dims[axis]!;
  if (step === 1) return pad(w, gradient, axis, start, size - start - count);
  // Behind the gradient stands a zero, for every place that was not taken.
  const places = new Array<number>(size).fill(count);
  for (let index = 0; index < count; index += 1) places[start + index * step] = index;
  return w.node('Gather', [pad(w, gradient, axis, 0, 1), w.integers(places)], gradient.dims.with(axis, size), [int('axis', axis)]);
}

const sliced: GradientRule = (site) => {
  const { dims } = site.input(0);
  const [starts, ends] = [requiredNumbers(site, 1), requiredNumbers(site, 2)];
  const axes = site.numbers(3) ?? starts.map((_, index) => index);
  const steps = site.numbers(4) ?? starts.map(() => 1);
  let made = site.gradient;
  for (const [index, axis] of axes.entries()) {
    const [at, step] = [fromFront(axis, dims.length), steps[index]!];
    const [size, start] = [dims[at]!, starts[index]!];
    const within = start < 0 ? start + size : start;
    const first = Math.min(Math.max(within, 0), step > 0 ? size : size - 1);
    made = unslice(site.w, made, at, size, first, step);
  }
  if (ends.length !== starts.length || !isSame(made.dims, dims)) throw site.unsupported('its bounds do not fit its input');
  return [made];
};

function requiredNumbers(site: GradientSite, position: number): readonly number[] {
  const numbers = site.numbers(position);
  if (numbers === undefined) throw site.unsupported('its bounds are left out');
  return numbers;
}

export const movement: GradientRules = { Concat: concat, Split: split, Slice: sliced };
