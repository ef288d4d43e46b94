/** Convolutions and pools in one and two dimensions: strides, dilations, groups, uneven padding, overlap. */
import fc from 'fast-check';
import { int, type OperatorCases, single } from './case.ts';

/** One spatial axis: its size always holds at least one window. */
const axes = fc.record({ kernel: int(1, 4), stride: int(1, 4), dilation: int(1, 3), begin: int(0, 2), end: int(0, 2), more: int(0, 6) });

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  readonly more: number;
}

const spatialOf = (window: readonly Axis[]) =>
  window.map(({ kernel, dilation, begin, end, more }) => Math.max(1, (kernel - 1) * dilation + 1 - begin - end) + more);

const attributesOf = (window: readonly Axis[], auto = 'NOTSET') => ({
  kernel_shape: window.map(({ kernel }) => kernel),
  strides: window.map(({ stride }) => stride),
  dilations: window.map(({ dilation }) => dilation),
  ...(auto === 'NOTSET' ? { pads: [...window.map(({ begin }) => begin), ...window.map(({ end }) => end)] } : { auto_pad: auto }),
});

const windows = fc.array(axes, { minLength: 1, maxLength: 2 });

const conv: OperatorCases = {
  cases: fc
    .tuple(
      windows,
      int(1, 3),
      int(1, 3),
      int(1, 2),
      int(1, 2),
      fc.boolean(),
      fc.constantFrom('NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
    )
    .map(([given, groups, batch, channels, maps, bias, auto]) => () => {
      // ONNX Runtime pads dilated convolutions by itself only in part, and VALID has no padding.
      const window = auto === 'NOTSET' ? given : given.map((axis) => ({ ...axis, dilation: 1, begin: 0, end: 0 }));
      const kernel = window.map((axis) => axis.kernel);
      const weight = [groups * maps, channels, ...kernel];
      const sizes = [[batch, groups * channels, ...spatialOf(window)], weight, ...(bias ? [[groups * maps]] : [])];
      return single('Conv', sizes, { ...attributesOf(window, auto), group: groups });
    }),
  float64: false,
};

/** Of a pool: a window that lies in the padding only has no maximum and no mean. */
const pools = windows.map((window) =>
  window.map((axis) => ({ ...axis, dilation: 1, begin: Math.min(axis.begin, axis.kernel - 1), end: Math.min(axis.end, axis.kernel - 1) })),
);

const pool = (operator: string, attributes: fc.Arbitrary<Record<string, number>>): OperatorCases => ({
  cases: fc.tuple(pools, int(1, 2), int(1, 2), attributes).map(([window, batch, channels, more]) => () => {
    const { dilations: _, ...rest } = attributesOf(window);
    return single(operator, [[batch, channels, ...spatialOf(window)]], { ...rest, ...more });
  }),
  float64: false,
});

const overlapping = pool('MaxPool', fc.constant({}));

/** Small windows without a gap, the last one maybe cut off. */
const sideBySide = fc
  .tuple(fc.array(fc.tuple(int(1, 2), int(1, 3), int(0, 1)), { minLength: 1, maxLength: 2 }), int(1, 2))
  .map(([given, batch]) => () => {
    const kernel = given.map(([size]) => size);
    const spatial = given.map(([size, count, more]) => size * count + Math.min(more, size - 1));
    return single('MaxPool', [[batch, 2, ...spatial]], { kernel_shape: kernel, strides: kernel });
  });

export const convolutionCases: Readonly<Record<string, OperatorCases>> = {
  Conv: conv,
  MaxPool: { ...overlapping, cases: fc.oneof(overlapping.cases, sideBySide) },
  AveragePool: pool(
    'AveragePool',
    int(0, 1).map((count_include_pad) => ({ count_include_pad })),
  ),
  GlobalAveragePool: {
    cases: windows.map((window) => () => single('GlobalAveragePool', [[2, 3, ...spatialOf(window)]])),
    float64: false,
  },
};
