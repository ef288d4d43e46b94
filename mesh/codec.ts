/**
 * A codec is a value with a name and two functions; decode is always bounded.
 */
export interface Codec {
  readonly name: string;
  /** A new buffer, or the input itself when nothing is gained by encoding it (then the chunk travels as `none`). */
  encode(raw: Uint8Array): Uint8Array;
  /** Exactly `rawBytes` bytes. Error `invalid` when the encoded bytes are damaged or decode to another length. */
  decode(encoded: Uint8Array, rawBytes: number): Uint8Array;
}
