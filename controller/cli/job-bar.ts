/**
 * How far a collection is: a line that is redrawn in place on a terminal; without one a line whenever a turn begins.
 *
 *     ██████░░░░░░░░░░░░░░   31 %  412 of 1310  q06, 1 thread, load 50 %  12:34
 *
 * The time left supposes that the jobs to come take as long as those that are behind.
 */
import { percent } from '../text/format.ts';
import type { Io } from './command.ts';
import { clock } from './progress-bar.ts';

const ERASE_LINE = '\r\x1b[2K';
const REDRAW_MS = 125;
const BAR_WIDTH = 20;
/** A terminal that does not tell its width says 0. */
const COLUMNS_UNKNOWN = 80;

export interface JobProgress {
  readonly done: number;
  readonly total: number;
  /** Done before this command began. */
  readonly before: number;
  readonly elapsedMs: number;
  readonly label: string;
}

/** Without what does not fit. */
export function jobLine({ done, total, before, elapsedMs, label }: JobProgress, columns: number): string {
  const share = total === 0 ? 1 : done / total;
  const filled = Math.floor(share * BAR_WIDTH);
  const left = done > before ? ((elapsedMs / (done - before)) * (total - done)) / 1000 : undefined;
  const parts = [
    `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}  ${percent(share).padStart(5)}`,
    `${done} of ${total}`,
    label,
    ...(left === undefined ? [] : [clock(left)]),
  ];
  return [...parts.join('  ')].slice(0, Math.max(0, columns - 1)).join('');
}

export class JobBar {
  readonly #io: Pick<Io, 'stderr' | 'terminal' | 'columns' | 'now'>;
  readonly #startMs: number;
  readonly #before: number;
  readonly #total: number;
  #done: number;
  #label = '';
  #drawnMs = Number.NEGATIVE_INFINITY;

  constructor(io: Pick<Io, 'stderr' | 'terminal' | 'columns' | 'now'>, before: number, total: number) {
    this.#io = io;
    this.#startMs = io.now();
    this.#before = before;
    this.#done = before;
    this.#total = total;
  }

  /** A turn begins. */
  begin(label: string): void {
    this.#label = label;
    if (this.#io.terminal) this.#draw();
    else this.say(`${this.#done} of ${this.#total}: ${label}`);
  }

  step(): void {
    this.#done += 1;
    this.#draw();
  }

  /** A line of its own. */
  say(text: string): void {
    this.clear();
    this.#io.stderr(`controller: ${text}\n`);
  }

  /** Removes the line. Idempotent. */
  clear(): void {
    if (this.#io.terminal) this.#io.stderr(ERASE_LINE);
    this.#drawnMs = Number.NEGATIVE_INFINITY;
  }

  #draw(): void {
    const now = this.#io.now();
    if (!this.#io.terminal || now - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = now;
    const progress = { done: this.#done, total: this.#total, before: this.#before, elapsedMs: now - this.#startMs, label: this.#label };
    this.#io.stderr(`${ERASE_LINE}${jobLine(progress, this.#io.columns || COLUMNS_UNKNOWN)}`);
  }
}
