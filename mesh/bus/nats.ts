/**
 * The bus port over NATS. Reconnects for ever; subscriptions come back by themselves; what is published meanwhile is dropped.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection, type NodeConnectionOptions, type Subscription } from '@nats-io/transport-node';
import { MeshError } from '../error.ts';
import type { Bus, BusHandler, BusState, BusSubscription } from './bus.ts';
import { type NatsServers, parseNatsUrl } from './nats-url.ts';
import { checkMessage, checkPattern } from './pattern.ts';
import { StateCell } from './state.ts';

export interface NatsOptions {
  /** `nats://host:4222`, several separated by commas. */
  readonly url: string;
  /** Shown in the server's monitoring. */
  readonly clientName: string;
  /** Gets what a handler threw, and what the server complained about (then the subject is empty). */
  readonly onError: (error: unknown, subject: string) => void;
  /** How long one attempt to connect may take. Default 2000. */
  readonly connectTimeoutMs?: number;
}

/** Milliseconds between attempts to connect; the client library adds up to 100 ms of jitter when it reconnects. */
const RETRY_MS = 250;
const FLUSH_TIMEOUT_MS = 2_000;

/** Connects, or fails: error `unreachable` when no server answers, `denied` when it refuses the credentials, `usage` for a bad URL. */
export async function connectNats(options: NatsOptions): Promise<NatsBus> {
  const bus = new NatsBus(options);
  await bus.connectOnce();
  return bus;
}

/** A bus at once; it is `connecting` until a server answers, however long that takes. Error `usage` for a bad URL. */
export function openNats(options: NatsOptions): NatsBus {
  const bus = new NatsBus(options);
  void bus.connectForever();
  return bus;
}

interface Wanted {
  readonly pattern: string;
  readonly handler: BusHandler;
  live: Subscription | undefined;
}

export class NatsBus implements Bus {
  readonly #options: NatsOptions;
  readonly #servers: NatsServers;
  readonly #cell = new StateCell();
  readonly #wanted = new Set<Wanted>();
  readonly #closing = new AbortController();
  #connection: NatsConnection | undefined;

  constructor(options: NatsOptions) {
    this.#options = options;
    this.#servers = parseNatsUrl(options.url);
  }

  get state(): BusState {
    return this.#cell.state;
  }

  /** For what is NATS only: JetStream streams and key-value buckets. Error `unreachable` before the first connection. */
  get connection(): NatsConnection {
    if (this.#connection === undefined) throw this.#unreachable();
    return this.#connection;
  }

  async connectOnce(): Promise<void> {
    try {
      this.#adopt(await connect(this.#connectionOptions()));
    } catch (error) {
      this.#cell.set('closed');
      if (error instanceof Error && /authorization/i.test(error.message)) {
        throw new MeshError('denied', `the NATS server at ${this.#servers.servers.join(', ')} refuses these credentials`, {
          hint: 'put them into the URL: nats://USER:PASSWORD@HOST:4222 or nats://TOKEN@HOST:4222',
          cause: error,
        });
      }
      throw this.#unreachable(error);
    }
  }

  async connectForever(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      try {
        this.#adopt(await connect(this.#connectionOptions()));
        return;
      } catch {
        // Refused, no route, wrong credentials: all may be put right at the server. `connecting` is what the state says meanwhile.
        await delay(RETRY_MS, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  publish(subject: string, payload: Uint8Array): boolean {
    checkMessage(subject, payload);
    if (this.state !== 'connected') return false;
    this.#connection!.publish(subject, payload);
    return true;
  }

  subscribe(pattern: string, handler: BusHandler): BusSubscription {
    checkPattern(pattern);
    const wanted: Wanted = { pattern, handler, live: undefined };
    if (this.state === 'closed') return { close: () => {} };
    this.#wanted.add(wanted);
    this.#activate(wanted);
    return {
      close: () => {
        if (this.#wanted.delete(wanted) && this.state !== 'closed') wanted.live?.unsubscribe();
      },
    };
  }

  async flush(): Promise<void> {
    if (this.state !== 'connected') throw new MeshError('lost', `${this.#name()} is away`);
    const timer = new AbortController();
    const late = delay(FLUSH_TIMEOUT_MS, undefined, { signal: timer.signal }).then(() => {
      throw new MeshError('lost', `${this.#name()} did not answer for ${FLUSH_TIMEOUT_MS} ms`);
    });
    try {
      await Promise.race([this.#connection!.flush(), late]);
    } catch (error) {
      if (error instanceof MeshError) throw error;
      throw new MeshError('lost', `${this.#name()} went away`, { cause: error });
    } finally {
      timer.abort();
      late.catch(() => {});
    }
  }

  onState(listener: (state: BusState) => void): () => void {
    return this.#cell.listen(listener);
  }

  async drain(): Promise<void> {
    // A flush delivers what was published; a server that has gone away is no reason to fail.
    if (this.state === 'connected') await this.flush().catch(() => {});
    await this.close();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wanted.clear();
    this.#cell.set('closed');
    await this.#connection?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #adopt(connection: NatsConnection): void {
    this.#connection = connection;
    if (this.state === 'closed') {
      void connection.close();
      return;
    }
    void this.#follow(connection);
    for (const wanted of this.#wanted) this.#activate(wanted);
    this.#cell.set('connected');
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') this.#cell.set('disconnected');
      else if (status.type === 'reconnect') this.#cell.set('connected');
      else if (status.type === 'error') this.#options.onError(status.error, '');
    }
    this.#cell.set('closed');
  }

  #activate(wanted: Wanted): void {
    if (this.#connection === undefined) return;
    wanted.live = this.#connection.subscribe(wanted.pattern, {
      callback: (error, message) => {
        if (!this.#wanted.has(wanted)) return;
        if (error !== null) return this.#options.onError(error, wanted.pattern);
        // An exception that reached the client library would silently end its read loop.
        try {
          wanted.handler(message.data, message.subject);
        } catch (thrown) {
          this.#options.onError(thrown, message.subject);
        }
      },
    });
  }

  #connectionOptions(): NodeConnectionOptions {
    const { servers, user, password, token, tls } = this.#servers;
    return {
      servers: [...servers],
      name: this.#options.clientName,
      timeout: this.#options.connectTimeoutMs ?? 2_000,
      maxReconnectAttempts: -1,
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: RETRY_MS,
      pingInterval: 10_000,
      maxPingOut: 2,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { pass: password }),
      ...(token === undefined ? {} : { token }),
      ...(tls ? { tls: {} } : {}),
    };
  }

  #name(): string {
    return `the NATS server at ${this.#servers.servers.join(', ')}`;
  }

  #unreachable(cause?: unknown): MeshError {
    // The host name can't be looked up: nobody has to start anything.
    const { code, hostname } = (cause ?? {}) as { readonly code?: unknown; readonly hostname?: unknown };
    const unknown = code === 'ENOTFOUND' || code === 'EAI_AGAIN';
    return new MeshError('unreachable', `${this.#name()} does not answer${unknown ? `: no host "${hostname}" is known` : ''}`, {
      hint: unknown
        ? 'give its address, for example --nats nats://192.168.1.10:4222'
        : 'start it (nats-server -js), or give the right address with --nats',
      cause,
    });
  }
}
