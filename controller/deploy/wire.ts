/** Our nouns → protobuf, for orders to agents. */
import { dtypes, type TensorSpec } from '../../mesh/tensor.ts';
import { TensorSpec as WireTensorSpec } from '../../proto/gen/mesh/v1/types.ts';

export function tensorSpecToWire(spec: TensorSpec): WireTensorSpec {
  return WireTensorSpec.fromPartial({ name: spec.name, dtype: dtypes[spec.dtype].code, dims: spec.dims.map(BigInt) });
}
