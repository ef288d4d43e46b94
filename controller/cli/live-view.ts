/**
 * Shows progress on a terminal, redrawn in place a few times a second; without a terminal only warnings are written. Everything goes to
 * stderr: stdout is for results.
 */
import type { RunEvent, Watcher } from '../run/run-events.ts';
import type { Io } from './command.ts';
import { apply, noProgress, type Progress, progressLines } from './progress.ts';

const REDRAW_MS = 125;
const CLEAR_BELOW = '\x1b[0J';

export class LiveView {
  readonly #io: Pick<Io, 'stderr' | 'terminal' | 'columns'>;
  readonly #timer: NodeJS.Timeout | undefined;
  #progress: Progress;
  #drawnLines = 0;

  constructor(io: Pick<Io, 'stderr' | 'terminal' | 'columns'>) {
    this.#io = io;
    this.#progress = noProgress(0);
    if (io.terminal) this.#timer = setInterval(() => this.#draw(), REDRAW_MS);
  }

  readonly watch = (event: RunEvent): void => {
    this.#progress = apply(this.#progress, event);
    if (event.kind !== 'warning') return;
    this.#erase();
    this.#io.stderr(`controller: warning: ${event.message}\n`);
  };

  /** Removes it from the terminal. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#erase();
  }

  #draw(): void {
    const lines = progressLines(this.#progress, this.#io.columns);
    this.#io.stderr(`${this.#home()}${CLEAR_BELOW}${lines.join('\n')}\n`);
    this.#drawnLines = lines.length;
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#io.stderr(`${this.#home()}${CLEAR_BELOW}`);
    this.#drawnLines = 0;
  }

  /** Cursor to where the last drawing began. */
  #home(): string {
    return this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\r`;
  }
}

/** Shows the progress of `work` while it lasts. */
export async function watched<T>(io: Pick<Io, 'stderr' | 'terminal' | 'columns'>, work: (watch: Watcher) => Promise<T>): Promise<T> {
  const view = new LiveView(io);
  try {
    return await work(view.watch);
  } finally {
    view.close();
  }
}
