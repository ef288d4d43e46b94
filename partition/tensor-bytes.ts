/** How large a tensor is on its way from one stage to the next. */
import { dtypeOfCode, dtypes, elementCount } from '../mesh/tensor.ts';
import type { Facts } from './infer/infer.ts';

/** Bytes; undefined when its type or a dimension is unknown, or when its type can't be sent. */
export function bytesOf(name: string, facts: Facts): number | undefined {
  const known = facts.get(name);
  if (known?.dims === undefined || known.dims.includes(-1) || known.dtype === 0 || !isSendable(known.dtype)) return undefined;
  return elementCount(known.dims) * dtypes[dtypeOfCode(known.dtype)].bytes;
}

function isSendable(code: number): boolean {
  return Object.values(dtypes).some((dtype) => dtype.code === code);
}
