/**
 * How far a transfer is: a line that is redrawn in place on a terminal, and nothing without one.
 *
 *     resnet18.onnx  █████████░░░░░░░░░░░   46 %  20.7 MiB of 44.7 MiB  112 MiB/s  0:12
 *
 * The rate is that of the last few seconds, so that it and the time left follow a link that changes. Bytes that were there before the
 * transfer began (it continues another) count for the share, not for the rate.
 */

import { bytes, percent } from '../text/format.ts';
import type { Io } from './command.ts';

export interface Transfer {
  readonly label: string;
  readonly totalBytes: number;
  /** Oldest first: when, and how much there was. */
  readonly samples: readonly { readonly atMs: number; readonly bytes: number }[];
}

const WINDOW_MS = 5_000;
const REDRAW_MS = 125;
const BAR_WIDTH = 20;
/** A terminal that does not tell its width says 0. */
const COLUMNS_UNKNOWN = 80;
const ERASE_LINE = '\r\x1b[2K';

export function startTransfer(label: string, totalBytes: number): Transfer {
  return { label, totalBytes, samples: [] };
}

/** Keeps what lies within the window, and always the two newest. */
export function advance(transfer: Transfer, atMs: number, doneBytes: number): Transfer {
  const { samples } = transfer;
  const kept = samples.filter((sample, index) => index === samples.length - 1 || atMs - sample.atMs <= WINDOW_MS);
  return { ...transfer, samples: [...kept, { atMs, bytes: doneBytes }] };
}

/** Undefined before there is anything to measure. */
export function bytesPerS({ samples }: Transfer): number | undefined {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return undefined;
  return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs);
}

/** One line, shorter than the terminal is wide: what does not fit is left out from the right, and the label is shortened at last. */
export function transferLine(transfer: Transfer, columns: number): string {
  const { label, totalBytes } = transfer;
  const done = transfer.samples.at(-1)?.bytes ?? 0;
  const share = totalBytes === 0 ? 1 : Math.min(1, done / totalBytes);
  const rate = bytesPerS(transfer);
  const filled = Math.floor(share * BAR_WIDTH);
  const parts = [
    `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}  ${percent(share).padStart(5)}`,
    `${bytes(done)} of ${bytes(totalBytes)}`,
    ...(rate === undefined || rate <= 0 ? [] : [`${bytes(rate)}/s`, clock((totalBytes - done) / rate)]),
  ];
  for (let count = parts.length; count > 0; count--) {
    const line = [label, ...parts.slice(0, count)].join('  ');
    if (characters(line) < columns) return line;
  }
  return [...label].slice(0, Math.max(0, columns - 1)).join('');
}

/** `0:07`, `12:34`, `1:02:03`. */
export function clock(seconds: number): string {
  const whole = Math.ceil(seconds);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

function characters(text: string): number {
  return [...text].length;
}

export class ProgressBar {
  readonly #io: Pick<Io, 'stderr' | 'terminal' | 'columns' | 'now'>;
  #transfer: Transfer | undefined;
  #drawnAtMs = Number.NEGATIVE_INFINITY;

  constructor(io: Pick<Io, 'stderr' | 'terminal' | 'columns' | 'now'>) {
    this.#io = io;
  }

  /** Takes the line for a new transfer. */
  start(label: string, totalBytes: number): void {
    this.#transfer = startTransfer(label, totalBytes);
    this.#drawnAtMs = Number.NEGATIVE_INFINITY;
  }

  /** `doneBytes`: of the whole, counted from its start. Cheap enough to be called for every chunk. */
  update(doneBytes: number): void {
    const now = this.#io.now();
    if (this.#transfer === undefined || !this.#io.terminal || now - this.#drawnAtMs < REDRAW_MS) return;
    this.#drawnAtMs = now;
    this.#transfer = advance(this.#transfer, now, doneBytes);
    this.#io.stderr(`${ERASE_LINE}${transferLine(this.#transfer, this.#io.columns || COLUMNS_UNKNOWN)}`);
  }

  /** Removes the line. Idempotent. */
  clear(): void {
    if (this.#transfer !== undefined && this.#io.terminal) this.#io.stderr(ERASE_LINE);
    this.#transfer = undefined;
  }
}
