/**
 * Shows progress on a terminal, redrawn in place a few times a second; without a terminal only warnings are written. Everything goes to
 * stderr: stdout is for results.
 */
import { formatMoves } from '../run/moves.ts';
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
    const text = messageOf(event);
    if (text === undefined) return;
    this.#erase();
    this.#io.stderr(`controller: ${text}\n`);
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

/** What is said in a line of its own, with or without a terminal. */
function messageOf(event: RunEvent): string | undefined {
  if (event.kind === 'warning') return `warning: ${event.message}`;
  if (event.kind === 'lost') return `warning: ${event.what}; the run goes on: ${formatMoves(event.moves)}`;
  if (event.kind === 'changed') return `${event.why}: ${formatMoves(event.moves)}`;
  if (event.kind !== 'recovered') return undefined;
  const again = event.replayed === 0 ? '' : `, ${event.replayed} ${event.replayed === 1 ? 'frame' : 'frames'} sent again`;
  return `recovered after ${(event.afterMs / 1000).toFixed(2)} s${again}`;
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
