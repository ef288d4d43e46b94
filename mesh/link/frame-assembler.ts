/**
 * Parts of one stream → the tensors of one frame after another. Trusts nothing: order, sizes, shapes and encodings are checked, and no
 * more is allocated than a checked head announces.
 */
import type { BufferPool } from '../buffer-pool.ts';
import { decodeChunkInto } from '../codec/registry.ts';
import type { Codec } from '../codec.ts';
import { MeshError } from '../error.ts';
import { byteLength, formatSpec, type Tensor } from '../tensor.ts';
import type { Part } from './link.ts';

/** The largest tensor accepted, bytes. */
export const TENSOR_BYTES_MAX = 1024 * 1024 * 1024;

export interface AssembledFrame {
  readonly id: bigint;
  readonly tensors: readonly Tensor[];
  readonly bytes: number;
}

export class FrameAssembler {
  readonly #names: readonly string[];
  readonly #codecs: ReadonlyMap<string, Codec>;
  readonly #pool: BufferPool;
  #lastFrame = -1n;
  #frame: bigint | undefined;
  #tensors: Tensor[] = [];
  #offset = 0;
  #bytes = 0;

  constructor(names: readonly string[], codecs: ReadonlyMap<string, Codec>, pool: BufferPool) {
    this.#names = names;
    this.#codecs = codecs;
    this.#pool = pool;
  }

  /** The frame that this part completes, if it does. Error `invalid` for anything out of order or out of bounds. */
  add(part: Part): AssembledFrame | undefined {
    const tensor = this.#place(part);
    if (part.offset !== this.#offset || part.offset + part.rawBytes > tensor.data.byteLength)
      throw this.#broken(part, 'a chunk in the wrong place');
    if (part.rawBytes === 0 && tensor.data.byteLength > 0) throw this.#broken(part, 'an empty chunk');
    decodeChunkInto(this.#codecs, part, tensor.data.subarray(part.offset, part.offset + part.rawBytes));
    this.#offset += part.rawBytes;
    const tensorDone = this.#offset === tensor.data.byteLength;
    return tensorDone && this.#tensors.length === this.#names.length ? this.#finish() : undefined;
  }

  /** The tensor a part belongs to; a part with a head begins the next one. */
  #place(part: Part): Tensor {
    if (part.head !== undefined) return this.#begin(part, part.head);
    const tensor = this.#tensors[part.tensor];
    if (part.frame !== this.#frame || tensor === undefined || part.tensor !== this.#tensors.length - 1) {
      throw this.#broken(part, 'a chunk of a tensor that was not begun');
    }
    return tensor;
  }

  #begin(part: Part, head: NonNullable<Part['head']>): Tensor {
    if (this.#frame === undefined) {
      if (part.frame <= this.#lastFrame) throw this.#broken(part, `a frame after frame ${this.#lastFrame}`);
      this.#frame = part.frame;
    }
    const last = this.#tensors.at(-1);
    const lastDone = last === undefined || this.#offset === last.data.byteLength;
    if (part.frame !== this.#frame || part.tensor !== this.#tensors.length || part.tensor >= this.#names.length || !lastDone) {
      throw this.#broken(part, 'a tensor out of order');
    }
    if (head.bytes !== byteLength(head.dtype, head.dims)) throw this.#broken(part, `${head.bytes} bytes for ${formatSpec(head)}`);
    if (head.bytes > TENSOR_BYTES_MAX) throw this.#broken(part, `a tensor of ${head.bytes} bytes, more than ${TENSOR_BYTES_MAX}`);
    const tensor = { dtype: head.dtype, dims: head.dims, data: new Uint8Array(this.#pool.take(head.bytes)) };
    this.#tensors.push(tensor);
    this.#offset = 0;
    this.#bytes += head.bytes;
    return tensor;
  }

  #finish(): AssembledFrame {
    const frame = { id: this.#frame!, tensors: this.#tensors, bytes: this.#bytes };
    this.#lastFrame = frame.id;
    this.#frame = undefined;
    this.#tensors = [];
    this.#bytes = 0;
    this.#offset = 0;
    return frame;
  }

  #broken(part: Part, what: string): MeshError {
    return new MeshError(
      'invalid',
      `the tensor stream is broken at frame ${part.frame}, tensor ${this.#names[part.tensor] ?? part.tensor}, byte ${part.offset}: ${what}`,
    );
  }
}
