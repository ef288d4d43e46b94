/**
 * A real nats-server with JetStream, on a port of its own, for one test. It can be killed and started again on the same port with what it
 * had stored.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ProcessOptions, startProcess, type TestProcess } from './processes.ts';
import type { Scope } from './scope.ts';
import { tempFolder } from './temp-folder.ts';

export interface NatsOptions extends ProcessOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Put before the command, to run it in another network namespace or control group. */
  readonly prefix?: readonly string[];
  readonly args?: readonly string[];
}

export class NatsServer {
  readonly host: string;
  readonly #t: Scope;
  readonly #options: NatsOptions;
  readonly #store: string;
  #port = -1;
  #process!: TestProcess;

  private constructor(t: Scope, store: string, options: NatsOptions) {
    this.#t = t;
    this.#store = store;
    this.#options = options;
    this.host = options.host ?? '127.0.0.1';
  }

  static async start(t: Scope, options: NatsOptions = {}): Promise<NatsServer> {
    const server = new NatsServer(t, join(await tempFolder(t), 'store'), options);
    await server.restart();
    return server;
  }

  get process(): TestProcess {
    return this.#process;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `nats://${this.host}:${this.#port}`;
  }

  /** What it had stored is lost, as on a disk that died. Only while it is not running. */
  async loseStore(): Promise<void> {
    await rm(this.#store, { recursive: true });
  }

  /** Starts it again after it was killed: same port, same store. */
  async restart(): Promise<void> {
    const { prefix = [], args = [], ...options } = this.#options;
    const command = [...prefix, 'nats-server', '-a', this.host, '-p', String(this.#port), '-js', '-sd', this.#store, ...args];
    // Debian installs it where only root looks.
    const path = `${options.env?.PATH ?? process.env.PATH}:/usr/sbin:/sbin`;
    this.#process = startProcess(this.#t, command, { ...options, env: { ...options.env, PATH: path } });
    const [, port] = await this.#process.line(/client connections on \S+:(\d+)$/);
    this.#port = Number(port);
    await this.#process.line(/Server is ready/);
  }
}
