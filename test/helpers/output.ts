/**
 * Lines that a process has written so far, and waiting for one that is still to come.
 */
import type { Readable } from 'node:stream';

type Match<T> = (line: string) => T | undefined;

export class Output {
  readonly #lines: string[] = [];
  readonly #waiting = new Set<{ readonly see: (line: string) => void; readonly end: () => void }>();
  #rest = '';
  #text = '';
  #ended = false;

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.#text += text;
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop()!;
      for (const line of lines) this.#add(line);
    });
    stream.once('close', () => {
      if (this.#rest !== '') this.#add(this.#rest);
      this.#ended = true;
      for (const waiting of [...this.#waiting]) waiting.end();
    });
  }

  get text(): string {
    return this.#text;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** The first line, past or future, for which `match` returns a value; undefined when the process ended without one. */
  find<T>(match: Match<T>): Promise<T | undefined> {
    for (const line of this.#lines) {
      const found = match(line);
      if (found !== undefined) return Promise.resolve(found);
    }
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const waiting = {
        see: (line: string) => {
          const found = match(line);
          if (found === undefined) return;
          this.#waiting.delete(waiting);
          resolve(found);
        },
        end: () => {
          this.#waiting.delete(waiting);
          resolve(undefined);
        },
      };
      this.#waiting.add(waiting);
    });
  }

  #add(line: string): void {
    this.#lines.push(line);
    for (const waiting of [...this.#waiting]) waiting.see(line);
  }
}
