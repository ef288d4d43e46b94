/**
 * The gradient of what a convolution read, as a convolution of stride 1 with the kernel turned round.
 *
 *     stride 1     ∂x[q] = Σ_i ∂y[q − i] · w[i]
 *     stride s     q = s·u + r:  ∂x[s·u + r] = Σ_i ∂y[u − i] · w[s·i + r]        for each phase r as many maps more, then the phases in turn
 *
 *     ∂y ─▶ Conv, a kernel of ⌈k / s⌉ and C maps for each phase ─▶ [N, phase, C, u] ─▶ [N, C, u, phase] ─▶ cut to the size of x
 *
 * (The second is the sub-pixel convolution of Shi et al., "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
 * Convolutional Neural Network", CVPR 2016.) A ConvTranspose says the same in one node, but takes two to three times as long where it makes all
 * products first and then adds them up place by place.
 */
import { elementCount } from '../../../mesh/tensor.ts';
import { int, ints } from '../../zoo/attributes.ts';
import { padAll, reshape, reversed, sliceAll, transpose } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { GradientSite } from '../rule.ts';
import { backwards, type Window } from './window.ts';

/** Of one axis: which u are computed, with which phases. */
interface Phases {
  readonly stride: number;
  /** Phases that have a tap; those from here to the stride are zero. */
  readonly phases: number;
  /** Taps of each phase, and how far apart they are in ∂y. */
  readonly taps: number;
  readonly dilation: number;
  readonly count: number;
  readonly begin: number;
  readonly end: number;
  /** Where x begins in what the phases make in turn. */
  readonly skip: number;
}

/** [N, g·C, in], of a node whose output has `site.gradient`. */
export function inputGradient(site: GradientSite, window: Window, groups: number): Value {
  const { w, gradient } = site;
  const [x, weight] = [site.input(0), site.input(1)];
  const spatial = x.dims.slice(2);
  const axes = spatial.map((size, axis) => phasesOf(window, axis, size, gradient.dims[axis + 2]!));
  if (axes.some(({ begin, end, stride, dilation }) => begin < 0 || end < 0 || (stride > 1 && dilation > 1))) {
    return w.node('ConvTranspose', [gradient, weight], x.dims, [...backwards(window), int('group', groups)]);
  }
  const [batch, channels] = x.dims as [number, number];
  const kernels = kernelsOf(w, weight, groups, axes);
  const counts = axes.map(({ count }) => count);
  const made = w.node(
    'Conv',
    [gradient, kernels],
    [batch, kernels.dims[0]!, ...counts],
    [
      ints(
        'kernel_shape',
        axes.map(({ taps }) => taps),
      ),
      ints(
        'dilations',
        axes.map(({ dilation }) => dilation),
      ),
      ints('pads', [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)]),
      int('group', groups),
    ],
  );
  const whole = inTurn(w, made, groups, channels / groups, axes);
  const starts = [0, 0, ...axes.map(({ skip }) => skip)];
  return sliceAll(w, whole, starts, x.dims);
}

function phasesOf({ kernel, strides, dilations, begins }: Window, axis: number, size: number, out: number): Phases {
  const [reach, stride, dilation, before] = [kernel[axis]!, strides[axis]!, dilations[axis]!, begins[axis]!];
  if (stride === 1) {
    const outer = (reach - 1) * dilation - before;
    const end = size + before - out;
    return { stride, phases: 1, taps: reach, dilation, count: size, begin: outer, end, skip: 0 };
  }
  const taps = Math.ceil(reach / stride);
  const first = Math.floor(before / stride);
  const last = Math.ceil((size + before) / stride);
  const [begin, end] = [taps - 1 - first, last - out];
  const phases = Math.min(reach, stride);
  return { stride, phases, taps, dilation, count: last - first, begin, end, skip: before - first * stride };
}

/** [g·M, C, kernel] ─▶ [g · phases · C, M, taps], the taps from the last to the first. */
function kernelsOf(w: GraphWriter, weight: Value, groups: number, axes: readonly Phases[]): Value {
  const [maps, channels] = weight.dims as [number, number];
  const each = maps / groups;
  const whole = [maps, channels, ...axes.map(({ taps, phases }) => taps * phases)];
  const padded = padAll(
    w,
    weight,
    weight.dims.map(() => 0),
    whole,
  );
  const parts = reshape(w, padded, [groups, each, channels, ...axes.flatMap(({ taps, phases }) => [taps, phases])]);
  const taps = axes.map((_, axis) => 3 + 2 * axis);
  const phases = axes.map((_, axis) => 4 + 2 * axis);
  const turned = transpose(w, reversed(w, parts, taps), [0, ...phases, 2, 1, ...taps]);
  const made = groups * channels * elementCount(axes.map((axis) => axis.phases));
  return reshape(w, turned, [made, each, ...axes.map((axis) => axis.taps)]);
}

/** [N, g · phases · C, u] ─▶ [N, g·C, u · stride]. */
function inTurn(w: GraphWriter, made: Value, groups: number, channels: number, axes: readonly Phases[]): Value {
  if (axes.every(({ stride }) => stride === 1)) return made;
  const [batch, , ...counts] = made.dims as [number, number];
  const parts = reshape(w, made, [batch, groups, ...axes.map(({ phases }) => phases), channels, ...counts]);
  const whole = padAll(
    w,
    parts,
    parts.dims.map(() => 0),
    [batch, groups, ...axes.map(({ stride }) => stride), channels, ...counts],
  );
  const order = axes.flatMap((_, axis) => [3 + axes.length + axis, 2 + axis]);
  const turned = transpose(w, whole, [0, 1, 2 + axes.length, ...order]);
  return reshape(w, turned, [batch, groups * channels, ...axes.map(({ count, stride }) => count * stride)]);
}
