/**
 * Every operator that has a gradient, with random sizes and attributes, against finite differences in float64. Where ONNX Runtime has kernels
 * for float64 the same graphs run in float64, too: there a formula that is a little wrong can't hide behind rounding.
 */
import test from 'ava';
import fc from 'fast-check';
import { supportedOperators } from '../../../partition/gradient/gradient.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { Runtime } from '../support/runtime.ts';
import { gradientError, tolerances } from './support/check-operator.ts';
import { operatorCases } from './support/operator-cases.ts';

const CASES = 8;
const runtime = new Runtime();
test.after.always(() => runtime[Symbol.asyncDispose]());

test('there are cases for every operator with a gradient', (t) => {
  t.deepEqual(Object.keys(operatorCases).sort(), [...supportedOperators]);
});

for (const [operator, { cases, float64 }] of Object.entries(operatorCases)) {
  test(`${operator} has the gradient that finite differences have`, async (t) => {
    const carrier = { runtime, folder: await tempFolder(t) };
    const kinds = float64 ? (['float32', 'float64'] as const) : (['float32'] as const);
    await fc.assert(
      fc.asyncProperty(cases, fc.nat(), async (of, seed) => {
        for (const kind of kinds) {
          const error = await gradientError(carrier, of(kind), seed, kind);
          if (!(error <= tolerances[kind])) throw new Error(`${kind}: relative error ${error}`);
        }
      }),
      { numRuns: CASES },
    );
    t.pass();
  });
}
