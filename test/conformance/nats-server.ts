/**
 * A real nats-server for tests: on a free loopback port, without JetStream, gone when disposed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class TestNatsServer implements AsyncDisposable {
  readonly #arguments: readonly string[];
  #child: ChildProcess | undefined;
  #port = -1;

  private constructor(extra: readonly string[]) {
    this.#arguments = extra;
  }

  /** `extra` are further command-line arguments, for example `['--user', 'u', '--pass', 'p']`. */
  static async start(extra: readonly string[] = []): Promise<TestNatsServer> {
    const server = new TestNatsServer(extra);
    await server.start();
    return server;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.#port}`;
  }

  /** Starts it, again on the port it had before. */
  async start(): Promise<void> {
    const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(this.#port), ...this.#arguments], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    const log: string[] = [];
    for await (const line of createInterface({ input: child.stderr! })) {
      log.push(line);
      const port = /client connections on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
      if (port !== undefined) this.#port = Number(port);
      if (line.includes('Server is ready')) {
        child.stderr!.resume();
        return;
      }
    }
    throw new Error(`nats-server did not start:\n${log.join('\n')}`);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
