/**
 * Output of a program as lines, however it comes in pieces. A line without an end is handed on when it is long enough, so that no program can fill the
 * agent's memory with one.
 */
import { StringDecoder } from 'node:string_decoder';

const LINE_CHARS_MAX = 16 * 1024;

export class Lines {
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #open = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  add(bytes: Buffer): void {
    this.#take(this.#decoder.write(bytes));
  }

  /** Nothing more will come: what has no end yet is a line, too. */
  end(): void {
    this.#take(this.#decoder.end());
    if (this.#open !== '') this.#onLine(this.#open);
    this.#open = '';
  }

  #take(text: string): void {
    const parts = (this.#open + text).split('\n');
    this.#open = parts.pop()!;
    for (const part of parts) this.#onLine(part.endsWith('\r') ? part.slice(0, -1) : part);
    while (this.#open.length > LINE_CHARS_MAX) {
      this.#onLine(this.#open.slice(0, LINE_CHARS_MAX));
      this.#open = this.#open.slice(LINE_CHARS_MAX);
    }
  }
}
