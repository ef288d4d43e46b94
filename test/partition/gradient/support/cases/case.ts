/** What the cases of all operators are made of. */
import fc from 'fast-check';
import { type AttributeValue, node } from '../../../support/build.ts';
import type { OperatorCase } from '../check-operator.ts';

/** A case for an element type. */
export type CaseOf = (kind: 'float32' | 'float64') => OperatorCase;

export interface OperatorCases {
  readonly cases: fc.Arbitrary<CaseOf>;
  readonly float64: boolean;
}

export const shapes = (minLength = 1, maxLength = 4): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength, maxLength });

export const int = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** One node that reads x, w, b, … (as many as there are sizes) and makes y. */
export function single(
  operator: string,
  sizes: readonly (readonly number[])[],
  attributes: Record<string, AttributeValue> = {},
  more: Partial<OperatorCase> & { readonly constantInputs?: readonly string[] } = {},
): OperatorCase {
  const names = ['x', 'w', 'b', 'c'].slice(0, sizes.length);
  const { constantInputs = [], ...rest } = more;
  return {
    nodes: [node(operator, [...names, ...constantInputs], ['y'], attributes)],
    inputs: Object.fromEntries(names.map((name, index) => [name, sizes[index]!])),
    outputs: ['y'],
    ...rest,
  };
}
