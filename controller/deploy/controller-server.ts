/**
 * What agents fetch from the controller: the tensors of a run's source, and the models of its stages. One gRPC server for both, up as long
 * as the command.
 */
import type { Server } from '@grpc/grpc-js';
import { isLoopback, joinAddress, splitAddress } from '../../mesh/address.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Security } from '../../mesh/grpc/credentials.ts';
import { GrpcServer } from '../../mesh/grpc/server.ts';
import { addLinkService } from '../../mesh/link/grpc/server.ts';
import type { SourceServer, StreamTaker } from './source-server.ts';

/** How long streams that are open may go on when the command ends. */
const STOP_PATIENCE_MS = 200;

export class ControllerServer implements SourceServer, AsyncDisposable {
  readonly #server: GrpcServer;
  readonly #runs: Map<string, StreamTaker>;

  private constructor(server: GrpcServer, runs: Map<string, StreamTaker>) {
    this.#server = server;
    this.#runs = runs;
  }

  /** `addFiles` adds the service that hands out models. Errors: `denied` beyond loopback without `insecure`, `conflict` when the port is in use. */
  static async listen(listen: string, security: Security, addFiles: (server: Server) => void): Promise<ControllerServer> {
    const runs = new Map<string, StreamTaker>();
    const server = await GrpcServer.listen(listen, security, (grpc) => {
      addFiles(grpc);
      addLinkService(grpc, (stream) => {
        const taker = runs.get(stream.open.run);
        if (taker === undefined) throw new MeshError('not-found', `this controller has no run ${stream.open.run}`);
        taker.accept(stream);
      });
    });
    return new ControllerServer(server, runs);
  }

  /** Where devices reach it. */
  get address(): string {
    return this.#server.address;
  }

  serveRun(run: string, taker: StreamTaker): () => void {
    this.#runs.set(run, taker);
    return () => this.#runs.delete(run);
  }

  close(): Promise<void> {
    return this.#server.stop(STOP_PATIENCE_MS);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The address a controller listens on when the person gave none: the interface that reaches the device. */
export async function defaultListen(deviceAddress: string, addressTowards: (host: string) => Promise<string>): Promise<string> {
  const { host } = splitAddress(deviceAddress);
  return joinAddress(isLoopback(host) ? '127.0.0.1' : await addressTowards(host), 0);
}
