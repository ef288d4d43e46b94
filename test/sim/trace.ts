/**
 * What happened, event by event: a hash that two replays of a seed must share, and all lines for a person who wants to read them.
 *
 *     +1.234567 s  d1 → c  part
 */
export class Trace {
  readonly #print: ((line: string) => void) | undefined;
  #low = 0x811c9dc5;
  #high = 0x01000193;
  #events = 0;

  /** `print`: gets every line as it happens. */
  constructor(print?: (line: string) => void) {
    this.#print = print;
  }

  get events(): number {
    return this.#events;
  }

  /** 16 hexadecimal digits over everything that was said. */
  get hash(): string {
    const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
    return hex(this.#high) + hex(this.#low);
  }

  say(nowMs: number, what: string): void {
    this.#events += 1;
    this.#mix(Math.round(nowMs * 1000) | 0);
    for (let index = 0; index < what.length; index += 1) this.#mix(what.charCodeAt(index));
    this.#print?.(lineOf(nowMs, what));
  }

  /** FNV-1a twice, with different multipliers. */
  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193);
    this.#high = Math.imul(this.#high ^ value ^ (this.#low >>> 7), 0x85ebca6b);
  }
}

export function lineOf(nowMs: number, what: string): string {
  return `+${(nowMs / 1000).toFixed(6)} s  ${what}`;
}
