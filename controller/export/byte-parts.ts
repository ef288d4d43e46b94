/** Bytes that come in parts and leave as one array. */
export class ByteParts {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Kept, not copied: the part must not change any more. */
  push(part: Uint8Array): void {
    this.#parts.push(part);
    this.#length += part.length;
  }

  join(): Uint8Array {
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }
}
