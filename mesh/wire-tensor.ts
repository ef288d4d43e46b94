/**
 * Tensor specs: our types ↔ protobuf. Element types carry the same numbers on both sides.
 */
import { TensorSpec as WireTensorSpec } from '../proto/gen/mesh/v1/types.ts';
import { dtypeOfCode, dtypes, type TensorSpec } from './tensor.ts';
import { numberFromWire } from './wire-number.ts';

export function tensorSpecToWire(spec: TensorSpec): WireTensorSpec {
  return WireTensorSpec.fromPartial({ name: spec.name, dtype: dtypes[spec.dtype].code, dims: spec.dims.map(BigInt) });
}

/** Errors: `unsupported` for an element type that is not known, `invalid` for a dimension that is no size. */
export function tensorSpecFromWire(wire: WireTensorSpec): TensorSpec {
  return {
    name: wire.name,
    dtype: dtypeOfCode(wire.dtype),
    dims: wire.dims.map((dim) => numberFromWire(dim, `a dimension of ${wire.name}`)),
  };
}
