/**
 * The Bench service is reserved: its name is known, so that a controller gets a clear answer instead of "unknown service".
 */
import { MeshError } from '../../mesh/error.ts';
import { toStatus } from '../../mesh/grpc/status.ts';
import type { BenchServer } from '../../proto/gen/mesh/v1/bench.ts';

export const benchService: BenchServer = {
  run: (call) => {
    call.emit('error', toStatus(new MeshError('unsupported', 'this version of the agent runs no benchmarks')));
  },
};
