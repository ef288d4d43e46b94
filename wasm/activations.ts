/**
 * Activations between the layers of a network, in fewer bytes: the codecs of activations.wasm.
 *
 *     float32 ─▶ float16 / bfloat16 ─┐                        ┌▶ zeros left out ─▶ bit or byte planes ─▶ LZ4 ─▶ bytes
 *     float32 ─▶ 8, 6 or 4 bits ─────┴── where each pays ─────┘
 *     any     ─▶ zeros left out ─▶ bytes
 *
 * One instance has one memory and is for one thread; calls are synchronous and leave nothing behind. Results are copies. What was encoded here
 * is decoded by any instance, with SIMD or without, and both write the same bytes. Runs in Node and browsers:
 *
 *     const codecs = new Activations(module);          // build/activations-simd.wasm or build/activations.wasm, compiled
 */
import { type AffineOptions, decodeAffine, encodeAffine } from './activations-affine.ts';
import { decodeFloat16, type EncodedActivations, encodeFloat16, type Float16, wholeFloats } from './activations-float16.ts';
import { Workspace } from './activations-module.ts';
import { decodeSparse, type ElementBytes, encodeSparse } from './activations-sparse.ts';

export class Activations {
  readonly #space: Workspace;

  /** A module can be sent to other threads; an instance stays where it is. `hasSimd` (module.ts) says which module an engine takes. */
  constructor(module: WebAssembly.Module) {
    this.#space = new Workspace(module);
  }

  /** Undefined when the float32 can't be quantised: NaN, infinite, or of a magnitude that leaves no normal step. */
  encodeAffine(raw: Uint8Array, options: AffineOptions): EncodedActivations | undefined {
    return encodeAffine(this.#space, raw, options);
  }

  /** This and the other decoders fill `into` exactly, or throw a Blosc2Error (`damaged`, `unsupported`). */
  decodeAffine(encoded: Uint8Array, into: Uint8Array): void {
    decodeAffine(this.#space, encoded, into);
  }

  /** Undefined when a float32 is NaN, infinite or larger than the type can say. */
  encodeFloat16(raw: Uint8Array, type: Float16): EncodedActivations | undefined {
    return encodeFloat16(this.#space, raw, type);
  }

  decodeFloat16(encoded: Uint8Array, type: Float16, into: Uint8Array): void {
    decodeFloat16(this.#space, encoded, type, into);
  }

  /** Lossless. The result is larger than raw when less than a bit of each element is saved by its zeros. */
  encodeSparse(raw: Uint8Array, elementBytes: ElementBytes): Uint8Array<ArrayBuffer> {
    return encodeSparse(this.#space, raw, elementBytes);
  }

  decodeSparse(encoded: Uint8Array, into: Uint8Array): void {
    decodeSparse(this.#space, encoded, into);
  }

  /** The float32 with only `kept` (1 to 22) of their 23 mantissa bits, the others 0. Undefined when one is NaN or infinite. */
  truncate(raw: Uint8Array, kept: number): EncodedActivations | undefined {
    const n = wholeFloats(raw);
    if (!Number.isInteger(kept) || kept < 1 || kept > 22) throw new RangeError(`${kept} mantissa bits; expected 1 to 22`);
    this.#space.reset();
    const at = this.#space.put(raw);
    if (this.#space.kernels.largestBits(at, n) >>> 0 >= 0x7f80_0000) return undefined;
    const errorMax = this.#space.kernels.truncate(at, n, kept);
    return { bytes: this.#space.take(at, raw.byteLength), errorMax };
  }
}
