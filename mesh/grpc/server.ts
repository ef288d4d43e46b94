/**
 * A gRPC server that listens on one address: bind errors say what to do, and the end comes in two steps, orderly or at once.
 */
import { logVerbosity, Server, setLogVerbosity } from '@grpc/grpc-js';
import { joinAddress, splitAddress } from '../address.ts';
import { bindError } from '../bind-error.ts';
import { type Security, serverCredentials } from './credentials.ts';
import { serverOptions } from './options.ts';

export class GrpcServer implements AsyncDisposable {
  readonly host: string;
  /** The real one, also when port 0 was asked for. */
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, host: string, port: number) {
    this.#server = server;
    this.host = host;
    this.port = port;
  }

  /**
   * Listens on `listen` (HOST:PORT) with the services that `addServices` adds. Errors: `denied` beyond loopback without `insecure`,
   * `conflict` when the port is in use, `usage` when the address is none of this machine.
   */
  static async listen(listen: string, security: Security, addServices: (server: Server) => void): Promise<GrpcServer> {
    const credentials = serverCredentials(listen, security);
    const { host } = splitAddress(listen);
    // The library prints what it also returns as an error; what goes to stderr is the program's to say.
    setLogVerbosity(logVerbosity.NONE);
    const server = new Server(serverOptions);
    addServices(server);
    try {
      const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync(listen, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)));
      });
      return new GrpcServer(server, host, port);
    } catch (error) {
      server.forceShutdown();
      throw bindError(listen, '--listen HOST:PORT', error);
    }
  }

  get address(): string {
    return joinAddress(this.host, this.port);
  }

  /** Takes no new calls and waits for the present ones; after `patienceMs` they are cut off. */
  async stop(patienceMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        this.#server.forceShutdown();
        // A peer that hangs does not take what was sent to it: its connection is not waited for.
        resolve();
      }, patienceMs);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop(0);
  }
}
