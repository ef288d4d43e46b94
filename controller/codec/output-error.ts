/** How far the outputs of a frame are from those that the same stages made of it when nothing was lost on the way. */
import type { Tensor } from '../../mesh/tensor.ts';
import { compareTensors } from '../run/verify.ts';
import type { OutputError } from './error-budget.ts';

export type Outputs = ReadonlyMap<string, Tensor>;

/** The worst over all outputs. */
export function outputError(lossless: Outputs, found: Outputs): OutputError {
  let maxAbs = 0;
  let sameTop1 = true;
  for (const [name, tensor] of lossless) {
    const other = found.get(name);
    const comparison = other === undefined ? undefined : compareTensors(tensor, other);
    maxAbs = Math.max(maxAbs, comparison?.maxAbsError ?? Number.POSITIVE_INFINITY);
    sameTop1 &&= comparison?.sameTop1 ?? false;
  }
  return { maxAbs, sameTop1 };
}

/** The bytes of a stream's tensors are used again; these are not. */
export function copied(outputs: Outputs): Outputs {
  return new Map([...outputs].map(([name, tensor]) => [name, { ...tensor, data: tensor.data.slice() }]));
}
