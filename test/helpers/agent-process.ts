/**
 * A real agent of a test: its process, its data folder, and what it logged.
 */
import { join } from 'node:path';
import { descendants, type ProcessInfo } from './proc.ts';
import { startProcess, type TestProcess } from './processes.ts';
import { agentProgram } from './repository.ts';
import type { Scope } from './scope.ts';

export interface AgentSpec {
  readonly name: string;
  /** Cores, for example 0.4. */
  readonly cpuQuota?: number;
  /** For example "512MiB". */
  readonly memory?: string;
  /** Default 127.0.0.1:0. */
  readonly listen?: string;
  /** Default: the mesh's own server. */
  readonly natsUrl?: string;
  /** More options of the command line. */
  readonly args?: readonly string[];
  /** Put before the command: another network namespace (network.ts) or control group (cgroup.ts). */
  readonly prefix?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: the agent of this release. */
  readonly program?: string;
}

/** One line of the agent's log; more fields depend on the message. */
export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export class AgentProcess {
  readonly name: string;
  readonly dataFolder: string;
  readonly #t: Scope;
  readonly #spec: AgentSpec;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #natsUrl: string | undefined;
  #process!: TestProcess;
  #address = '';

  constructor(
    t: Scope,
    spec: AgentSpec,
    surroundings: {
      readonly folder: string;
      readonly natsUrl: string | undefined;
      readonly env: Readonly<Record<string, string | undefined>>;
    },
  ) {
    this.name = spec.name;
    this.dataFolder = join(surroundings.folder, spec.name);
    this.#t = t;
    this.#spec = spec;
    this.#natsUrl = spec.natsUrl ?? surroundings.natsUrl;
    this.#env = { ...surroundings.env, ...spec.env };
  }

  get process(): TestProcess {
    return this.#process;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Where its gRPC server is reached, "host:port". */
  get address(): string {
    return this.#address;
  }

  /** Starts it, also again after it was killed: same name and data folder, another port unless one is given. Resolves when it listens. */
  async start(listen?: string): Promise<void> {
    this.#process = startProcess(this.#t, this.command(listen), { env: this.#env });
    const listening = await this.waitForLog((line) => line.msg === 'listening');
    this.#address = String(listening.address);
  }

  async restart(): Promise<void> {
    await this.#process.end();
    await this.start();
  }

  command(listen = this.#spec.listen ?? '127.0.0.1:0'): string[] {
    const { prefix = [], cpuQuota, memory, args = [], program = agentProgram } = this.#spec;
    const option = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, String(value)]);
    return [
      ...prefix,
      process.execPath,
      program,
      ...['--listen', listen, '--name', this.name, '--data', this.dataFolder],
      ...option('--nats', this.#natsUrl),
      ...option('--cpu-quota', cpuQuota),
      ...option('--memory', memory),
      ...args,
    ];
  }

  /** What it logged since it was started last. Lines that are not JSON (a crash, a warning of Node) are left out here; see `process.stderr`. */
  logs(): LogLine[] {
    return this.#process.stderr.lines.map(parseLog).filter((line) => line !== undefined);
  }

  /** The first log line, past or future, that fits. Fails when the agent ends without it. */
  async waitForLog(fits: (line: LogLine) => boolean): Promise<LogLine> {
    const found = await this.#process.stderr.find((text) => {
      const line = parseLog(text);
      return line !== undefined && fits(line) ? line : undefined;
    });
    if (found === undefined) throw new Error(`the agent ${this.name} ended without the expected log line\n${this.#process.lastWords()}`);
    return found;
  }

  /** Its stage processes. */
  stages(): ProcessInfo[] {
    return descendants(this.pid);
  }
}

function parseLog(text: string): LogLine | undefined {
  if (!text.startsWith('{')) return undefined;
  return JSON.parse(text) as LogLine;
}
