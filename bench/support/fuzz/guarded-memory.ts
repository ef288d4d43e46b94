/**
 * Lays out buffers in a wasm memory so that writes outside of them are seen: each lies between guard bytes, which are compared afterwards.
 *
 *     heapBase │ guard │ buffer │ guard │ buffer │ guard
 *
 * A read outside of a buffer shows in another way: the guards change from case to case, and the result must not.
 */
const GUARD_BYTES = 64;
const ALIGNMENT = 16;

export interface Region {
  readonly at: number;
  readonly length: number;
}

export class GuardedMemory {
  readonly #memory: WebAssembly.Memory;
  readonly #base: number;
  #regions: Region[] = [];
  #guard = 0;
  #end: number;

  constructor(memory: WebAssembly.Memory, heapBase: number) {
    this.#memory = memory;
    this.#base = Math.ceil(heapBase / ALIGNMENT) * ALIGNMENT;
    this.#end = this.#base;
  }

  /** Buffers of these lengths; whatever was laid out before is forgotten. The first guard byte of the next case is `guard`. */
  layOut(lengths: readonly number[], guard: number): Region[] {
    this.#guard = guard;
    let at = this.#base + GUARD_BYTES;
    this.#regions = lengths.map((length) => {
      const region = { at, length };
      at = Math.ceil((at + length + GUARD_BYTES) / ALIGNMENT) * ALIGNMENT;
      return region;
    });
    this.#end = at;
    const missing = this.#end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / 65_536));
    for (const { from, to } of this.#gaps()) this.bytes(from, to - from).fill(guard);
    return this.#regions;
  }

  bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.#memory.buffer, at, length);
  }

  /** The first address outside of all buffers that was written to, if any. */
  damage(): number | undefined {
    for (const { from, to } of this.#gaps()) {
      const bytes = this.bytes(from, to - from);
      for (let index = 0; index < bytes.length; index += 1) if (bytes[index] !== this.#guard) return from + index;
    }
    return undefined;
  }

  /** Everything around the buffers, alignment included. */
  *#gaps(): Generator<{ from: number; to: number }> {
    let from = this.#base;
    for (const { at, length } of this.#regions) {
      yield { from, to: at };
      from = at + length;
    }
    yield { from, to: this.#end };
  }
}
