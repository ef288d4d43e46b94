/**
 * The agent's gRPC server: its own services, health and reflection on one address.
 */
import type { Security } from '../../mesh/grpc/credentials.ts';
import type { Health } from '../../mesh/grpc/health.ts';
import { addReflection } from '../../mesh/grpc/reflection.ts';
import { GrpcServer } from '../../mesh/grpc/server.ts';
import { type AgentServer, AgentService } from '../../proto/gen/mesh/v1/agent.ts';
import { type BenchServer, BenchService } from '../../proto/gen/mesh/v1/bench.ts';
import { type RunsServer, RunsService } from '../../proto/gen/mesh/v1/runs.ts';
import { type AgentFiles, FILES_SERVICE } from '../files/service.ts';
import { BENCH_SERVICE } from './bench-service.ts';
import { RUNS_SERVICE } from './runs-service.ts';

export const AGENT_SERVICE = 'mesh.v1.Agent';
export const servedServices = [AGENT_SERVICE, FILES_SERVICE, RUNS_SERVICE, BENCH_SERVICE];

const protoFiles = ['mesh/v1/agent.proto', 'mesh/v1/files.proto', 'mesh/v1/runs.proto', 'mesh/v1/bench.proto'];

export interface AgentServices {
  readonly agent: AgentServer;
  readonly files: AgentFiles;
  readonly runs: RunsServer;
  readonly bench: BenchServer;
  readonly health: Health;
}

/** Errors as in GrpcServer.listen. */
export function serveAgent(listen: string, security: Security, { agent, files, runs, bench, health }: AgentServices): Promise<GrpcServer> {
  return GrpcServer.listen(listen, security, (server) => {
    server.addService(AgentService, agent);
    server.addService(RunsService, runs);
    server.addService(BenchService, bench);
    files.addTo(server);
    health.addTo(server);
    addReflection(server, protoFiles, servedServices);
  });
}
