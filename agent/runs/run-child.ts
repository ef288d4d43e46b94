/**
 * The process of a run, seen from the agent that keeps it alive. It is a controller: the source, the sink and all decisions of the run are in it.
 *
 *     spawn ──▶ /bin/sh: enters its control group ──exec──▶ node controller/main hosted FOLDER
 *     "stop" on its standard input: ends in order; standard input closed: nobody keeps it any more, ends at once
 *
 * It leads a process group, so that its own helpers end with it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { StageGroup } from '../cgroup/device-group.ts';
import { LAUNCHER } from '../cgroup/launcher.ts';

const LAST_WORDS_CHARS = 2048;
/** How long it may take to end by itself. */
const CLOSED_PATIENCE_MS = 500;

export interface RunLaunch {
  readonly node: string;
  /** The controller's program with everything behind it. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly group: StageGroup | undefined;
}

export interface RunEnd {
  /** It said that the run is over, or in other hands. */
  readonly over: boolean;
  readonly lastWords: string;
}

export class RunChild {
  /** Resolves when the process is gone, its group with it. */
  readonly ended: Promise<RunEnd>;
  readonly #process: ChildProcess;
  #lastWords = '';

  constructor({ node, argv, env, group }: RunLaunch) {
    const child = spawn('/bin/sh', ['-c', LAUNCHER, 'run', ...(group?.procsFiles ?? []), '--', node, ...argv], {
      stdio: ['pipe', 'ignore', 'pipe'],
      detached: true,
      env: { ...env },
    });
    this.#process = child;
    // Writing to one that has just ended is no error.
    child.stdin!.on('error', () => {});
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS_CHARS);
    });
    this.ended = new Promise((resolve) => {
      const end = (over: boolean, how: string): void => {
        // Helpers that it did not end itself.
        this.#killGroup();
        group?.remove();
        resolve({ over, lastWords: `${this.#lastWords.trim()}${how === '' ? '' : `\n${how}`}`.trim() });
      };
      child.once('error', (error) => end(false, error.message));
      child.once('exit', (code, signal) =>
        end(code === 0, code === 0 ? '' : `ended ${signal === null ? `with code ${code}` : `by ${signal}`}`),
      );
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Asks it to end the run in order, and kills it after `patienceMs`. Resolves when it is gone. */
  async stop(patienceMs: number): Promise<void> {
    this.#process.stdin!.write('stop\n');
    await this.#endWithin(patienceMs);
  }

  /** Leaves the run as it is. Resolves when the process is gone. */
  async close(): Promise<void> {
    this.#process.stdin!.end();
    await this.#endWithin(CLOSED_PATIENCE_MS);
  }

  async #endWithin(patienceMs: number): Promise<void> {
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs);
    await this.ended;
    clearTimeout(timer);
  }

  #killGroup(): void {
    try {
      if (this.#process.pid !== undefined) process.kill(-this.#process.pid, 'SIGKILL');
    } catch {
      // Nobody is left in it.
    }
  }
}
