/**
 * A TCP relay that behaves like a bad network: slow, narrow, cut, or silent.
 *
 *     client ──▶ relay ──▶ target        both directions go through a lane each: bytes wait there for their turn
 *            ◀──       ◀──
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { Lane, type LaneOptions } from './relay-lane.ts';
import type { Scope } from './scope.ts';

export interface RelayOptions extends LaneOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default: any free one. */
  readonly port?: number;
}

interface Connection {
  readonly client: Socket;
  readonly target: Socket;
  readonly lanes: readonly [up: Lane, down: Lane];
}

export class Relay {
  readonly #server: Server;
  readonly #target: { readonly host: string; readonly port: number };
  readonly #connections = new Set<Connection>();
  #options: LaneOptions;
  #frozen = false;
  #refusing = false;

  private constructor(server: Server, target: { host: string; port: number }, options: LaneOptions) {
    this.#server = server;
    this.#target = target;
    this.#options = options;
    server.on('connection', (client) => this.#relay(client));
  }

  static async start(target: string, options: RelayOptions = {}): Promise<Relay> {
    const { hostname, port } = new URL(`tcp://${target}`);
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
    return new Relay(server, { host: hostname, port: Number(port) }, options);
  }

  /** "host:port" to connect to instead of the target. */
  get address(): string {
    const { address, port } = this.#server.address() as { address: string; port: number };
    return `${address}:${port}`;
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** For connections that are open, too. */
  set(options: LaneOptions): void {
    this.#options = { ...this.#options, ...options };
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.set(this.#options);
  }

  /** Resets every connection, as a rebooting router does, and refuses new ones until `mend`. */
  cut(): void {
    this.#refusing = true;
    for (const { client, target } of this.#connections) {
      reset(client);
      reset(target);
    }
  }

  /** Nothing passes any more and nobody is told, as when a cable is pulled: connections stay open, new ones are accepted and stay silent. */
  freeze(): void {
    this.#frozen = true;
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.hold();
  }

  /** Ends `cut` and `freeze`; what was held goes on its way. */
  mend(): void {
    this.#refusing = false;
    this.#frozen = false;
    for (const { lanes } of this.#connections) for (const lane of lanes) lane.release();
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const { client, target } of this.#connections) {
      client.destroy();
      target.destroy();
    }
    await closed;
  }

  #relay(client: Socket): void {
    if (this.#refusing) {
      reset(client);
      return;
    }
    const target = connect({ ...this.#target, allowHalfOpen: true });
    const [up, down] = [new Lane(client, target, this.#options), new Lane(target, client, this.#options)];
    const connection: Connection = { client, target, lanes: [up, down] };
    this.#connections.add(connection);
    if (this.#frozen) for (const lane of connection.lanes) lane.hold();
    for (const [here, there, towardsHere] of [
      [client, target, down],
      [target, client, up],
    ] as const) {
      here.setNoDelay(true);
      // The other end learns of a failure the same way: by a reset.
      here.on('error', () => reset(there));
      // What came from here before it closed in order still goes on its way.
      here.on('close', () => {
        towardsHere.stop();
        if (there.closed) this.#connections.delete(connection);
      });
    }
  }
}

/** Node never closes a socket whose end is on its way when it is to be reset (libuv refuses), and then can't exit. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** A relay that is gone when the test ends. */
export async function startRelay(t: Scope, target: string, options: RelayOptions = {}): Promise<Relay> {
  const relay = await Relay.start(target, options);
  t.teardown(() => relay.close());
  return relay;
}
