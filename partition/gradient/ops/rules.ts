/** The gradients of all operators that have one: what is in this table is supported, nothing else is. */
import type { GradientRules } from '../rule.ts';
import { activation } from './activation.ts';
import { arithmetic } from './arithmetic.ts';
import { convolution } from './convolution.ts';
import { matrix } from './matrix.ts';
import { movement } from './movement.ts';
import { normalization } from './normalization.ts';
import { pooling } from './pooling.ts';
import { recurrence } from './recurrence.ts';
import { reduction } from './reduction.ts';
import { reshaping } from './reshaping.ts';

export const rules: GradientRules = {
  ...activation,
  ...arithmetic,
  ...convolution,
  ...matrix,
  ...movement,
  ...normalization,
  ...pooling,
  ...recurrence,
  ...reduction,
  ...reshaping,
};
