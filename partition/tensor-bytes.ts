/** How large a tensor is on its way from one stage to the next. */
import { dtypes, elementCount, knownDType } from '../mesh/tensor.ts';
import type { Facts } from './infer/infer.ts';

/** Bytes; undefined when its type or a dimension is unknown, or when its type can't be sent. */
export function bytesOf(name: string, facts: Facts): number | undefined {
  const known = facts.get(name);
  const dtype = knownDType(known?.dtype ?? 0);
  if (known?.dims === undefined || known.dims.includes(-1) || dtype === undefined) return undefined;
  return elementCount(known.dims) * dtypes[dtype].bytes;
}
