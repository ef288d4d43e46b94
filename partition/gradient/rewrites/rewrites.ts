/** Operators that are written otherwise while a model is trained. */
import { rewriteBatchNorm } from './batch-norm.ts';
import { rewriteDropout } from './dropout.ts';
import type { Rewrite } from './rewrite.ts';

export const rewrites: Readonly<Record<string, Rewrite>> = {
  BatchNormalization: rewriteBatchNorm,
  Dropout: rewriteDropout,
};
