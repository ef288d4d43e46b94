/**
 * activations.wasm, as TypeScript sees it: what it exports, and its memory, handed out anew for each call.
 *
 *     0 ── the module's own tables ── heapBase ── reserved ── reserved ── … ── end, grows
 *
 * Nothing is freed: a call begins with `reset`, reserves what it needs, and then looks at the bytes (growing moves them).
 */

/** Addresses and lengths in bytes, `n` in elements. What each does is written where it is made, in assembly/activations.ts. */
export interface Kernels {
  readonly memory: WebAssembly.Memory;
  readonly heapBase: { readonly value: number };
  /** Bits of the largest error of the last encodeGroups. */
  readonly worst: { readonly value: number };
  readonly LZ4_TABLE_BYTES: { readonly value: number };
  fillTables(): void;
  encodeGroups(
    src: number,
    n: number,
    head: number,
    group: number,
    bits: number,
    clip: number,
    twoSided: number,
    oneSided: number,
    table: number,
    codes: number,
  ): number;
  decodeGroups(table: number, constants: number, codes: number, n: number, head: number, group: number, bits: number, dst: number): number;
  groupsOf(n: number, head: number, group: number): number;
  columnSpread(src: number, rows: number, columns: number, scratch: number): number;
  rowSpread(src: number, rows: number, columns: number): number;
  transpose(src: number, rows: number, columns: number, dst: number): void;
  compact1(src: number, n: number, bitmap: number, values: number): number;
  compact2(src: number, n: number, bitmap: number, values: number): number;
  compact4(src: number, n: number, bitmap: number, values: number): number;
  expand1(bitmap: number, n: number, values: number, dst: number): void;
  expand2(bitmap: number, n: number, values: number, dst: number): void;
  expand4(bitmap: number, n: number, values: number, dst: number): void;
  countZeros1(src: number, n: number): number;
  countZeros2(src: number, n: number): number;
  countBits(bitmap: number, n: number): number;
  toPlanes(src: number, n: number, dst: number): void;
  fromPlanes(src: number, n: number, dst: number): void;
  splitPairs(src: number, n: number, dst: number): void;
  joinPairs(src: number, n: number, dst: number): void;
  largestBits(src: number, n: number): number;
  toHalf(src: number, n: number, dst: number): void;
  fromHalf(src: number, n: number, dst: number): void;
  toBrain(src: number, n: number, dst: number): void;
  fromBrain(src: number, n: number, dst: number): void;
  truncate(at: number, n: number, kept: number): number;
  lz4Compress(src: number, length: number, dst: number, capacity: number, acceleration: number, table: number): number;
  lz4Decompress(src: number, length: number, dst: number, capacity: number): number;
}

const PAGE_BYTES = 65_536;
/** Kernels read and write whole vectors: so many bytes behind each region belong to nobody. */
const SLACK_BYTES = 64;

export class Workspace {
  readonly kernels: Kernels;
  readonly lz4Table: number;
  readonly #base: number;
  #top: number;
  #bytes: Uint8Array<ArrayBuffer>;

  /** `module` is build/activations-simd.wasm or build/activations.wasm, compiled. */
  constructor(module: WebAssembly.Module) {
    this.kernels = new WebAssembly.Instance(module).exports as unknown as Kernels;
    this.kernels.fillTables();
    this.#bytes = new Uint8Array(this.kernels.memory.buffer);
    this.#top = this.kernels.heapBase.value;
    this.lz4Table = this.reserve(this.kernels.LZ4_TABLE_BYTES.value);
    this.#base = this.#top;
  }

  /** Everything reserved before is forgotten. */
  reset(): void {
    this.#top = this.#base;
  }

  /** The address of so many bytes, a multiple of 16. Their content is what the last call left there. */
  reserve(byteCount: number): number {
    const address = (this.#top + 15) & ~15;
    this.#top = address + byteCount + SLACK_BYTES;
    const missing = this.#top - this.#bytes.byteLength;
    if (missing > 0) {
      this.kernels.memory.grow(Math.ceil(missing / PAGE_BYTES));
      this.#bytes = new Uint8Array(this.kernels.memory.buffer);
    }
    return address;
  }

  /** Reserves room for the bytes and copies them there. */
  put(bytes: Uint8Array): number {
    const address = this.reserve(bytes.byteLength);
    this.#bytes.set(bytes, address);
    return address;
  }

  /** A view that the next `reserve` may detach. */
  view(address: number, byteCount: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(address, address + byteCount);
  }

  /** A copy. */
  take(address: number, byteCount: number): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(address, address + byteCount);
  }

  dataView(address: number, byteCount: number): DataView<ArrayBuffer> {
    return new DataView(this.#bytes.buffer, address, byteCount);
  }
}
