/** One side of the comparison: a process that is asked line by line, and computes only while it is asked. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Steps {
  readonly losses: readonly number[];
  readonly ms: readonly number[];
}

/** The C library keeps what is freed, as in a stage (docs/decisions/0004). */
const KEEPING = { MALLOC_MMAP_THRESHOLD_: '1073741824', MALLOC_TRIM_THRESHOLD_: '4294967296' };

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export class Side implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** What it said when it was ready. */
  readonly hello: Readonly<Record<string, unknown>>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, hello: Readonly<Record<string, unknown>>) {
    this.#child = child;
    this.#lines = lines;
    this.hello = hello;
  }

  static ours(folder: string): Promise<Side> {
    return Side.#start(process.execPath, [fileOf('ours.ts'), folder]);
  }

  static peer(python: string, folder: string, ...flags: readonly string[]): Promise<Side> {
    return Side.#start(python, [fileOf('peer.py'), folder, ...flags]);
  }

  static async #start(program: string, argv: readonly string[]): Promise<Side> {
    const child = spawn(program, argv, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...KEEPING, OMP_NUM_THREADS: '1' } });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    return new Side(child, lines, await nextOf(lines, program));
  }

  async steps(count: number): Promise<Steps> {
    return (await this.#ask({ steps: count })) as unknown as Steps;
  }

  async forward(count: number): Promise<readonly number[]> {
    return (await this.#ask({ forward: count })).ms as readonly number[];
  }

  async peakMiB(): Promise<number> {
    return (await this.#ask({ memory: true })).peakMiB as number;
  }

  async #ask(question: object): Promise<Readonly<Record<string, unknown>>> {
    this.#child.stdin!.write(`${JSON.stringify(question)}\n`);
    return await nextOf(this.#lines, this.#child.spawnfile);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    this.#child.stdin!.end();
    await once(this.#child, 'exit');
  }
}

async function nextOf(lines: AsyncIterator<string>, program: string): Promise<Readonly<Record<string, unknown>>> {
  const line = await lines.next();
  if (line.done) throw new Error(`${program} ended before it answered`);
  return JSON.parse(line.value) as Readonly<Record<string, unknown>>;
}

/** A Python that has PyTorch; undefined when there is none. Debian's stands beside others that may be in front of it. */
export function pythonWithTorch(): string | undefined {
  return ['python3', '/usr/bin/python3'].find((python) => spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0);
}
