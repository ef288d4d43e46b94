/** Random small cases of every operator that has a gradient. `float64`: ONNX Runtime has all kernels its gradient needs for that type, too. */

import type { OperatorCases } from './cases/case.ts';
import { convolutionCases } from './cases/convolution.ts';
import { elementwiseCases } from './cases/elementwise.ts';
import { matrixCases } from './cases/matrix.ts';
import { movementCases } from './cases/movement.ts';
import { recurrenceCases } from './cases/recurrence.ts';

export const operatorCases: Readonly<Record<string, OperatorCases>> = {
  ...elementwiseCases,
  ...movementCases,
  ...matrixCases,
  ...convolutionCases,
  ...recurrenceCases,
};
