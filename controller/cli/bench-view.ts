/**
 * A benchmark run while it goes on: a line that is redrawn in place on a terminal; what matters in lines of their own in any case. To stderr: stdout is for
 * results.
 *
 *     measure  412 queries  8.2 s   102 % CPU  143 MiB
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { Workload } from '../../mesh/bench/order.ts';
import { epochLine } from '../report/training-text.ts';
import { bytes, duration } from '../text/format.ts';
import type { Io } from './command.ts';

const ERASE_LINE = '\r\x1b[2K';
const REDRAW_MS = 125;

export class BenchView {
  readonly #io: Pick<Io, 'stderr' | 'terminal' | 'columns' | 'now'>;
  readonly #kind: Workload['kind'];
  #title = '';
  #phase = '';
  #queries = '';
  #use = '';
  #startMs = 0;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(io: Pick<Io, 'stderr' | 'terminal' | 'columns' | 'now'>, kind: Workload['kind']) {
    this.#io = io;
    this.#kind = kind;
  }

  /** What comes now, such as the limit of a sweep. */
  begin(title: string): void {
    this.#title = title;
    this.#phase = 'wait';
    this.#queries = '';
    this.#use = '';
    this.#startMs = this.#io.now();
  }

  readonly watch = (event: BenchEvent): void => {
    if (event.kind === 'queued') this.say(`waiting: ${event.why}${event.ahead > 0 ? `, ${event.ahead} ahead` : ''}`);
    else if (event.kind === 'started') this.#startMs = this.#io.now();
    else if (event.kind === 'phase') this.#phase = event.name;
    else if (event.kind === 'progress') this.#queries = `${event.queries} ${this.#kind === 'training' ? 'steps' : 'queries'}  `;
    else if (event.kind === 'live') this.#use = `  ${event.cpuPercent.toFixed(0)} % CPU  ${bytes(event.memoryBytes)}`;
    else if (event.kind === 'log' && (this.#kind === 'command' || event.stream === 'agent'))
      this.#line(`${event.stream === 'agent' ? 'agent' : 'program'}: ${event.line}`);
    else if (event.kind === 'metric' && this.#kind === 'command')
      this.#line(`metric: ${event.metric.name} ${event.metric.value} ${event.metric.unit}`.trimEnd());
    else if (event.kind === 'epoch') this.#line(epochLine(event.epoch));
    this.#draw();
  };

  /** A line of its own. */
  say(text: string): void {
    this.#line(`controller: ${text}`);
  }

  transfer(doneBytes: number, totalBytes: number): void {
    this.#phase = `copying ${bytes(doneBytes)} of ${bytes(totalBytes)}`;
    this.#draw();
  }

  /** Removes the line from the terminal. Idempotent. */
  close(): void {
    if (this.#drawn) this.#io.stderr(ERASE_LINE);
    this.#drawn = false;
  }

  #line(text: string): void {
    this.close();
    this.#io.stderr(`${text}\n`);
  }

  #draw(): void {
    const now = this.#io.now();
    if (!this.#io.terminal || now - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = now;
    const line = `${this.#title}  ${this.#phase}  ${this.#queries}${duration(now - this.#startMs)}${this.#use}`.trim();
    this.#io.stderr(`${ERASE_LINE}${[...line].slice(0, Math.max(1, this.#io.columns - 1)).join('')}`);
    this.#drawn = true;
  }
}
