/**
 * Real processes of a test: started, watched, and gone when the test ends, also when the test itself is killed (the kernel then kills them:
 * `setpriv --pdeathsig`).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { Output } from './output.ts';
import type { Scope } from './scope.ts';

export interface ProcessOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Ends the process with SIGTERM when aborted. */
  readonly signal?: AbortSignal;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How long a process may take to end after SIGTERM before a test's teardown kills it. */
const PATIENCE_MS = 5_000;
/** How long a line may take to come. */
const LINE_TIMEOUT_MS = 20_000;

export class TestProcess {
  readonly command: readonly string[];
  readonly stdout: Output;
  readonly stderr: Output;
  /** Never rejects. A program that can't be started ends with code 127. */
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;

  constructor(command: readonly string[], options: ProcessOptions = {}) {
    this.command = command;
    const guarded = existsSync('/usr/bin/setpriv') ? ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--', ...command] : command;
    this.#child = spawn(guarded[0]!, guarded.slice(1), {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.stdout = new Output(this.#child.stdout!);
    this.stderr = new Output(this.#child.stderr!);
    // Writing to a process that has just ended is no error of the test.
    this.stdin.on('error', () => {});
    this.exit = new Promise((resolve) => {
      this.#child.once('error', () => resolve({ code: 127, signal: null }));
      this.#child.once('close', (code, signal) => resolve({ code, signal }));
    });
    options.signal?.addEventListener('abort', () => this.signal('SIGTERM'), { once: true });
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.command.join(' ')} could not be started`);
    return this.#child.pid;
  }

  get stdin(): Writable {
    return this.#child.stdin!;
  }

  get running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The first line of stderr or stdout, past or future, that matches. Fails with the last words of a process that ends without it. */
  async line(pattern: RegExp, timeoutMs = LINE_TIMEOUT_MS): Promise<RegExpExecArray> {
    const match = (line: string) => pattern.exec(line) ?? undefined;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), timeoutMs);
    });
    const first = firstFound([this.stderr.find(match), this.stdout.find(match)]);
    const found = await Promise.race([first, late]).finally(() => clearTimeout(timer));
    if (found === 'late') throw new Error(`waited ${timeoutMs / 1000} s in vain for ${pattern}\n${this.lastWords()}`);
    if (found === undefined) throw new Error(`ended without ${pattern}\n${this.lastWords()}`);
    return found;
  }

  /** Does nothing when it has ended already. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.#child.kill(signal);
  }

  /** Sends SIGKILL (or another signal) and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.signal(signal);
    return this.exit;
  }

  /** Freezes it, as if its machine hung: connections stay open, nothing answers. */
  stop(): void {
    this.signal('SIGSTOP');
  }

  continue(): void {
    this.signal('SIGCONT');
  }

  /** Ends it as a person would: SIGTERM, then SIGKILL when it does not listen. Idempotent. */
  async end(patienceMs = PATIENCE_MS): Promise<Exit> {
    this.continue();
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), patienceMs);
    return this.exit.finally(() => clearTimeout(timer));
  }

  lastWords(): string {
    const words = [...this.stdout.lines.slice(-10), ...this.stderr.lines.slice(-20)];
    return [`$ ${this.command.join(' ')}`, ...words].join('\n');
  }
}

/** Starts a process that ends with the test at the latest. */
export function startProcess(t: Scope, command: readonly string[], options: ProcessOptions = {}): TestProcess {
  const started = new TestProcess(command, options);
  t.teardown(async () => {
    await started.end();
  });
  return started;
}

/** Runs a program to its end. */
export async function runProcess(
  t: Scope,
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<Exit & { readonly stdout: string; readonly stderr: string }> {
  const started = startProcess(t, command, options);
  started.stdin.end();
  const exit = await started.exit;
  return { ...exit, stdout: started.stdout.text, stderr: started.stderr.text };
}

/** The first value that is there; undefined when all ended without one. */
async function firstFound<T>(searches: readonly Promise<T | undefined>[]): Promise<T | undefined> {
  const found = searches.map(async (search) => {
    const value = await search;
    if (value === undefined) throw new Error('not found');
    return value;
  });
  return Promise.any(found).catch(() => undefined);
}
