/**
 * A child process that lives exactly as long as its controller: it ends when its standard input closes, which the kernel does also when
 * the controller is killed. It has a process group of its own, so that Ctrl-C in a terminal reaches the controller only, which then ends
 * its children in order.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MeshError } from '../../mesh/error.ts';

/** Lines of output kept for the message when it dies. */
const LAST_LINES = 20;

export interface ChildOptions {
  /** For messages: "nats-server", "the agent local1". */
  readonly title: string;
  readonly program: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Looks at each line of stderr; what it returns first is the sign that the child is ready. */
  readonly readiness: (line: string) => string | undefined;
}

export class Child {
  readonly #title: string;
  readonly #process: ChildProcess;
  readonly #lastLines: string[] = [];
  readonly #exited: Promise<void>;
  readonly #ready: Promise<string>;
  #stopping = false;

  constructor(options: ChildOptions) {
    this.#title = options.title;
    this.#process = spawn(options.program, options.argv, {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
      env: { ...options.env } as NodeJS.ProcessEnv,
    });
    // Writing to a child that has just died is no error of ours.
    this.#process.stdin!.on('error', () => {});
    this.#exited = new Promise((resolve) => {
      this.#process.once('error', () => resolve());
      this.#process.once('close', () => resolve());
    });
    this.#ready = new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stderr! }).on('line', (line) => {
        this.#lastLines.push(line);
        if (this.#lastLines.length > LAST_LINES) this.#lastLines.shift();
        const sign = options.readiness(line);
        if (sign !== undefined) resolve(sign);
      });
      this.#process.once('error', (error) =>
        reject(new MeshError('failed', `${this.#title} can't be started: ${error.message}`, { cause: error })),
      );
      this.#process.once('close', () => reject(this.#death()));
    });
    // Whoever waits for readiness sees the error; nobody else has to.
    this.#ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What `readiness` found. Error `failed` with the child's last words when it ended before, `timeout` when it took too long. */
  async ready(timeoutMs: number): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MeshError('timeout', `${this.#title} was not ready after ${timeoutMs / 1000} s`)), timeoutMs);
    });
    try {
      return await Promise.race([this.#ready, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Calls `listener` when the child ends although nobody stopped it. */
  onDeath(listener: (error: MeshError) => void): void {
    void this.#exited.then(() => {
      if (!this.#stopping) listener(this.#death());
    });
  }

  /** Ends it: standard input closes; after `patienceMs` it is killed. Resolves when it is gone. Idempotent. */
  async stop(patienceMs: number): Promise<void> {
    this.#stopping = true;
    this.#process.stdin!.end();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  #death(): MeshError {
    const { exitCode, signalCode } = this.#process;
    const how = signalCode === null ? `with code ${exitCode}` : `by ${signalCode}`;
    // Where it happened is for its log; what happened is for the person.
    const words = this.#lastLines
      .filter((line) => !/^\s+at |^\{"level":"info"/.test(line))
      .slice(-3)
      .join('\n');
    return new MeshError('failed', `${this.#title} ended ${how}${words === '' ? '' : `; its last words:\n${words}`}`);
  }
}
