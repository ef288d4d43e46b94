/** Operators that move elements. */
import fc from 'fast-check';
import { int64s, node } from '../../../support/build.ts';
import { int, type OperatorCases, shapes, single } from './case.ts';

const product = (dims: readonly number[]) => dims.reduce((total, dim) => total * dim, 1);

const concat: OperatorCases = {
  cases: fc
    .tuple(shapes(1, 3), int(0, 2), fc.array(int(1, 3), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([dims, picked, sizes, negative]) => () => {
      const axis = picked % dims.length;
      const shaped = sizes.map((size) => dims.with(axis, size));
      return single('Concat', shaped, { axis: negative ? axis - dims.length : axis });
    }),
  float64: true,
};

const split: OperatorCases = {
  cases: fc
    .tuple(shapes(1, 3), int(0, 2), fc.array(int(1, 3), { minLength: 1, maxLength: 4 }), int(1, 4))
    .map(([dims, picked, sizes, read]) => () => {
      const axis = picked % dims.length;
      const names = sizes.map((_, index) => `y${index}`);
      return {
        nodes: [node('Split', ['x', 'sizes'], names, { axis })],
        inputs: {
          x: dims.with(
            axis,
            sizes.reduce((total, size) => total + size, 0),
          ),
        },
        // Some parts nobody reads.
        outputs: names.slice(0, read),
        constants: [int64s('sizes', sizes)],
      };
    }),
  float64: true,
};

const slice: OperatorCases = {
  cases: fc
    .tuple(
      shapes(1, 3),
      fc.array(fc.tuple(int(-6, 6), int(1, 6), fc.constantFrom(1, 1, 2, 3, -1, -2)), { minLength: 1, maxLength: 3 }),
      int(0, 1),
    )
    .map(([dims, cuts, late]) => () => {
      const wide = dims.map((size) => size + 3);
      // Fewer cuts than axes; `late` cuts the last axes, named from the end.
      const axes = cuts.slice(0, wide.length).map((_, index) => (late ? -1 - index : index));
      const bounds = axes.map((axis, index) => {
        const size = wide.at(axis)!;
        const [from, length, step] = cuts[index]!;
        const start = ((from % size) + size) % size;
        const end = step > 0 ? start + length : start - length < 0 ? -size - 1 : start - length;
        return { start: from < 0 ? start - size : start, end, step };
      });
      return single(
        'Slice',
        [wide],
        {},
        {
          constants: [
            int64s(
              'starts',
              bounds.map(({ start }) => start),
            ),
            int64s(
              'ends',
              bounds.map(({ end }) => end),
            ),
            int64s('axes', axes),
            int64s(
              'steps',
              bounds.map(({ step }) => step),
            ),
          ],
          constantInputs: ['starts', 'ends', 'axes', 'steps'],
        },
      );
    }),
  float64: true,
};

const transpose: OperatorCases = {
  cases: shapes(1, 4)
    .chain((dims) => fc.tuple(fc.constant(dims), fc.option(fc.shuffledSubarray([...dims.keys()], { minLength: dims.length }))))
    .map(
      ([dims, perm]) =>
        () =>
          single('Transpose', [dims], perm === null ? {} : { perm }),
    ),
  float64: true,
};

const expand: OperatorCases = {
  cases: fc.tuple(shapes(1, 3), shapes(0, 2), int(2, 3)).map(([dims, front, size]) => () => {
    const ones = dims.map((dim, axis) => (axis % 2 === 0 ? 1 : dim));
    const wide = [...front, ...ones.map((dim, axis) => (axis % 2 === 0 ? size : dim))];
    return single('Expand', [ones], {}, { constants: [int64s('shape', wide)], constantInputs: ['shape'] });
  }),
  float64: true,
};

export const movementCases: Readonly<Record<string, OperatorCases>> = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Transpose: transpose,
  Expand: expand,
  Flatten: {
    cases: fc.tuple(shapes(1, 4), int(0, 4)).map(
      ([dims, axis]) =>
        () =>
          single('Flatten', [dims], { axis: Math.min(axis, dims.length) }),
    ),
    float64: true,
  },
  Reshape: {
    cases: fc.tuple(shapes(1, 4), fc.boolean()).map(
      ([dims, open]) =>
        () =>
          single('Reshape', [dims], {}, { constants: [int64s('shape', open ? [-1] : [product(dims), 1])], constantInputs: ['shape'] }),
    ),
    float64: true,
  },
  Squeeze: {
    cases: fc.tuple(shapes(1, 3), int(0, 3)).map(([dims, axis]) => () => {
      const at = Math.min(axis, dims.length);
      return single('Squeeze', [dims.toSpliced(at, 0, 1)], {}, { constants: [int64s('axes', [at])], constantInputs: ['axes'] });
    }),
    float64: true,
  },
  Unsqueeze: {
    cases: fc.tuple(shapes(1, 3), int(0, 3)).map(
      ([dims, axis]) =>
        () =>
          single('Unsqueeze', [dims], {}, { constants: [int64s('axes', [Math.min(axis, dims.length)])], constantInputs: ['axes'] }),
    ),
    float64: true,
  },
};
