/** Our nouns → protobuf, for orders to agents. */
import { dtypes, type TensorSpec } from '../../mesh/tensor.ts';
import { BlobRef, TensorSpec as WireTensorSpec } from '../../proto/gen/mesh/v1/types.ts';
import type { Blob } from '../../mesh/files/blob.ts';

export function blobToWire(blob: Blob): BlobRef {
  return BlobRef.fromPartial({ sha256: Buffer.from(blob.sha256), bytes: BigInt(blob.bytes) });
}

export function tensorSpecToWire(spec: TensorSpec): WireTensorSpec {
  return WireTensorSpec.fromPartial({ name: spec.name, dtype: dtypes[spec.dtype].code, dims: spec.dims.map(BigInt) });
}
