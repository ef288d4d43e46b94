/**
 * MeshError ↔ gRPC status, in both directions, so that an error reads the same on both ends of a call.
 * The hint travels in the trailer `mesh-hint`, the exact code in `mesh-code`.
 */
import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { type ErrorCode, MeshError } from '../error.ts';

const toStatusCode: Record<ErrorCode, status> = {
  usage: status.INVALID_ARGUMENT,
  invalid: status.INVALID_ARGUMENT,
  'not-found': status.NOT_FOUND,
  conflict: status.FAILED_PRECONDITION,
  exhausted: status.RESOURCE_EXHAUSTED,
  denied: status.PERMISSION_DENIED,
  unreachable: status.UNAVAILABLE,
  lost: status.UNAVAILABLE,
  cancelled: status.CANCELLED,
  timeout: status.DEADLINE_EXCEEDED,
  unsupported: status.UNIMPLEMENTED,
  failed: status.INTERNAL,
};

const fromStatusCode = new Map<status, ErrorCode>([
  [status.INVALID_ARGUMENT, 'invalid'],
  [status.OUT_OF_RANGE, 'invalid'],
  [status.DATA_LOSS, 'invalid'],
  [status.NOT_FOUND, 'not-found'],
  [status.FAILED_PRECONDITION, 'conflict'],
  [status.ABORTED, 'conflict'],
  [status.ALREADY_EXISTS, 'conflict'],
  [status.RESOURCE_EXHAUSTED, 'exhausted'],
  [status.PERMISSION_DENIED, 'denied'],
  [status.UNAUTHENTICATED, 'denied'],
  [status.UNAVAILABLE, 'unreachable'],
  [status.CANCELLED, 'cancelled'],
  [status.DEADLINE_EXCEEDED, 'timeout'],
  [status.UNIMPLEMENTED, 'unsupported'],
]);

export function toStatus(thrown: unknown): Partial<StatusObject> {
  const error = MeshError.from(thrown);
  const metadata = new Metadata();
  metadata.set('mesh-code', error.code);
  // Header values are ASCII; percent-encoding keeps any text.
  if (error.hint !== undefined) metadata.set('mesh-hint', encodeURIComponent(error.hint));
  return { code: toStatusCode[error.code], details: error.message, metadata };
}

/** What a failed call means to the caller; `peer` names the other end in the message. */
export function fromStatus(error: ServiceError, peer: string): MeshError {
  const said = error.metadata?.get('mesh-code')[0];
  const hint = error.metadata?.get('mesh-hint')[0];
  if (typeof said === 'string' && said in toStatusCode) {
    const options = typeof hint === 'string' ? { hint: decodeURIComponent(hint), cause: error } : { cause: error };
    return new MeshError(said as ErrorCode, error.details, options);
  }
  const code = fromStatusCode.get(error.code) ?? 'failed';
  if (code === 'unreachable') return new MeshError(code, `${peer} can't be reached: ${reasonOf(error.details)}`, { cause: error });
  if (code === 'timeout') return new MeshError(code, `${peer} did not answer in time: ${error.details}`, { cause: error });
  return new MeshError(code, `${peer}: ${error.details || status[error.code]}`, { cause: error });
}

/** grpc-js tells its own state around the reason: `No connection established. Last error: Error: connect ECONNREFUSED … Resolution note: `. */
function reasonOf(details: string): string {
  return details
    .replace(/^No connection established\. Last error: (Error: )?/, '')
    .replace(/\.? Resolution note: *$/, '')
    .trim();
}
