/**
 * An HTTP/1.1 server that listens on one address and can't be held up:
 *
 *     headers late, request late, nobody says anything ──▶ the connection is closed        too many connections ──▶ refused
 *     what a handler throws ──▶ onBug, and a bare 500                                       client gone ──▶ its signal is aborted
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { joinAddress, splitAddress } from '../address.ts';
import { bindError } from '../bind-error.ts';
import { MeshError } from '../error.ts';

/** Answers the request. The signal is aborted when the client is gone before it has its answer, or the server is stopped. */
export type HttpHandler = (request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => Promise<void>;

export interface HttpLimits {
  /** All headers must have come within so many milliseconds. */
  readonly headersMs: number;
  /** And the whole request, with its body. */
  readonly requestMs: number;
  /** A connection on which nothing moves for so long is closed. */
  readonly idleMs: number;
  readonly connections: number;
}

export interface HttpServerOptions {
  /** HOST:PORT; port 0 takes any free one. */
  readonly listen: string;
  /** What the address was given with, for hints: `--metrics HOST:PORT`. */
  readonly option: string;
  readonly limits: HttpLimits;
  readonly handle: HttpHandler;
  /** A handler threw. */
  readonly onBug: (error: unknown) => void;
}

/** Nobody needs more; the library's own limit is 2000. */
const HEADERS_MAX = 100;
const HEADER_BYTES_MAX = 16 * 1024;
/** How often late requests are looked for: between a tenth of a second and a second. */
const CHECK_MS = { least: 100, most: 1_000 } as const;

export class HttpServer implements AsyncDisposable {
  readonly host: string;
  /** The real one, also when port 0 was asked for. */
  readonly port: number;
  readonly #server: Server;
  readonly #stopping: AbortController;

  private constructor(server: Server, host: string, port: number, stopping: AbortController) {
    this.#server = server;
    this.host = host;
    this.port = port;
    this.#stopping = stopping;
  }

  /** Errors: `conflict` when the port is in use, `denied`, `usage` when the address is none of this machine. */
  static async listen({ listen, option, limits, handle, onBug }: HttpServerOptions): Promise<HttpServer> {
    const { host, port } = splitAddress(listen);
    const stopping = new AbortController();
    const server = createServer(
      {
        headersTimeout: limits.headersMs,
        requestTimeout: limits.requestMs,
        connectionsCheckingInterval: Math.min(CHECK_MS.most, Math.max(CHECK_MS.least, limits.headersMs / 4)),
        keepAliveTimeout: limits.idleMs,
        maxHeaderSize: HEADER_BYTES_MAX,
      },
      (request, response) => void answer(request, response, { handle, onBug, stopping: stopping.signal }),
    );
    server.maxHeadersCount = HEADERS_MAX;
    server.maxConnections = limits.connections;
    server.timeout = limits.idleMs;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          resolve();
        });
      });
    } catch (error) {
      throw bindError(listen, option, error);
    }
    return new HttpServer(server, host, (server.address() as { readonly port: number }).port, stopping);
  }

  get address(): string {
    return joinAddress(this.host, this.port);
  }

  /** Takes nothing new and waits for what is being answered; after `patienceMs` it is cut off. Idempotent. */
  async stop(patienceMs: number): Promise<void> {
    if (!this.#server.listening) return;
    const cut = setTimeout(() => {
      this.#stopping.abort(new MeshError('cancelled', 'the server is stopping'));
      this.#server.closeAllConnections();
    }, patienceMs);
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    clearTimeout(cut);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop(0);
  }
}

interface Answering extends Pick<HttpServerOptions, 'handle' | 'onBug'> {
  readonly stopping: AbortSignal;
}

async function answer(request: IncomingMessage, response: ServerResponse, { handle, onBug, stopping }: Answering): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new MeshError('lost', 'the client has gone')));
  // A broken connection is told by its end; without a listener it would end the process.
  request.on('error', () => {});
  response.on('error', () => {});
  const signal = AbortSignal.any([gone.signal, stopping]);
  try {
    await handle(request, response, signal);
  } catch (error) {
    // A request that breaks off while it is read fails before the response is closed.
    if (!signal.aborted && request.errored === null) onBug(error);
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  }
}
