/** `GET /metrics`, and nothing else: a small HTTP server beside the agent's own, for whoever scrapes it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { HttpServer } from '../../mesh/http/http-server.ts';
import { exposition } from './exposition.ts';
import type { Family } from './family.ts';

/** A scrape is a few lines and an answer; whoever takes longer hangs. */
const LIMITS = { headersMs: 5_000, requestMs: 10_000, idleMs: 15_000, connections: 32 } as const;

const STOP_PATIENCE_MS = 200;

export class MetricsServer implements AsyncDisposable {
  readonly #server: HttpServer;

  private constructor(server: HttpServer) {
    this.#server = server;
  }

  /** `listen` is HOST:PORT. Errors: those of HttpServer.listen. */
  static async listen(
    listen: string,
    collect: () => readonly Family[],
    onBug: (error: unknown) => void,
    limits: Partial<typeof LIMITS> = {},
  ): Promise<MetricsServer> {
    const handle = (request: IncomingMessage, response: ServerResponse): Promise<void> => answer(request, response, collect);
    return new MetricsServer(
      await HttpServer.listen({ listen, option: '--metrics [HOST:]PORT', limits: { ...LIMITS, ...limits }, handle, onBug }),
    );
  }

  get address(): string {
    return this.#server.address;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#server.stop(STOP_PATIENCE_MS);
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, collect: () => readonly Family[]): Promise<void> {
  const say = (status: number, headers: Readonly<Record<string, string>>, text: string): void => {
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers });
    response.end(request.method === 'HEAD' ? undefined : text);
  };
  const [path] = (request.url ?? '').split('?');
  if (path !== '/metrics') return say(404, {}, 'metrics are at /metrics\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, { allow: 'GET, HEAD' }, 'only GET\n');
  const { contentType, text } = await exposition(collect());
  say(200, { 'content-type': contentType }, text);
}
