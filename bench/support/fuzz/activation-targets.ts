/**
 * The decoders of activations.wasm: each result exactly as large as asked for, both builds the same, no write behind what was reserved.
 */
import { readFileSync } from 'node:fs';
import type { Random } from '../../../mesh/random.ts';
import { Activations } from '../../../wasm/activations.ts';
import { decodeAffine } from '../../../wasm/activations-affine.ts';
import { decodeFloat16 } from '../../../wasm/activations-float16.ts';
import { Workspace } from '../../../wasm/activations-module.ts';
import { decodeSparse } from '../../../wasm/activations-sparse.ts';
import { Blosc2Error } from '../../../wasm/error.ts';
import { mutated } from './mutate.ts';
import { accepted, Finding, mustBeSame, type Outcome } from './outcome.ts';
import type { Target } from './target.ts';

const GUARD_BYTES = 32;
/** Kernels may write so far behind what was reserved. */
const SLACK_BYTES = 64;
const VALUES = 400;

/** A workspace with guard bytes behind the slack of each reservation. */
class GuardedWorkspace extends Workspace {
  readonly #guard: number;
  #guards: number[] = [];

  constructor(module: WebAssembly.Module, guard: number) {
    super(module);
    this.#guard = guard;
  }

  override reset(): void {
    super.reset();
    this.#guards = [];
  }

  override reserve(byteCount: number): number {
    const address = super.reserve(byteCount + GUARD_BYTES);
    // The table that the constructor reserves comes before there is a list.
    if (#guards in this) {
      this.#guards.push(address + byteCount + SLACK_BYTES);
      this.view(address + byteCount + SLACK_BYTES, GUARD_BYTES).fill(this.#guard);
    }
    return address;
  }

  check(what: string): void {
    for (const at of this.#guards) {
      if (this.view(at, GUARD_BYTES).some((byte) => byte !== this.#guard))
        throw new Finding(`${what}: wrote behind what was reserved, to ${at} or more`);
    }
  }
}

function moduleOf(name: string): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(new URL(`../../../wasm/build/${name}.wasm`, import.meta.url)));
}

type Decode = (space: Workspace, encoded: Uint8Array, into: Uint8Array) => void;

function attempt(space: GuardedWorkspace, decode: Decode, encoded: Uint8Array, bytes: number, what: string): Outcome {
  const framed = new Uint8Array(bytes + 2 * GUARD_BYTES);
  const into = framed.subarray(GUARD_BYTES, GUARD_BYTES + bytes);
  const outcome = decoded();
  space.check(what);
  const outside = [...framed.subarray(0, GUARD_BYTES), ...framed.subarray(GUARD_BYTES + bytes)];
  if (outside.some((byte) => byte !== 0)) throw new Finding(`${what}: wrote outside of the result`);
  return outcome;

  function decoded(): Outcome {
    try {
      decode(space, encoded, into);
      return into;
    } catch (thrown) {
      if (thrown instanceof Blosc2Error) return thrown.code;
      throw thrown;
    }
  }
}

export function activationTargets(random: Random): Target[] {
  const [plainModule, simdModule] = [moduleOf('activations'), moduleOf('activations-simd')];
  const encoder = new Activations(simdModule);
  const plain = new GuardedWorkspace(plainModule, 0x5a);
  const simd = new GuardedWorkspace(simdModule, 0xa5);
  const floats = (): Uint8Array =>
    new Uint8Array(
      Float32Array.from({ length: 1 + random.below(VALUES) }, () => (random.below(2) === 0 ? 0 : random.next() * 8 - 2)).buffer,
    );
  const target = (name: string, decode: Decode, encode: (raw: Uint8Array) => Uint8Array | undefined): Target => {
    const made = Array.from({ length: 100 }, floats).flatMap((raw) => {
      const encoded = encode(raw);
      return encoded ? [{ encoded, bytes: raw.byteLength }] : [];
    });
    const encodings = made.map(({ encoded }) => encoded);
    return {
      name,
      share: 0.5,
      next: (random) => mutated(encodings, 48, random),
      run: (bytes, random) => {
        // As long as the bytes say, mostly; they must not be believed.
        const said = bytes.length >= 8 ? 4 * Math.min(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true), 2 * VALUES) : 0;
        const length = random.below(8) === 0 ? 4 * random.below(VALUES) : said;
        const outcome = attempt(plain, decode, bytes, length, `${name}, plain`);
        mustBeSame(outcome, attempt(simd, decode, bytes, length, `${name}, SIMD`), `${name}: plain and SIMD build`);
        return accepted(outcome) ? 'ok' : outcome;
      },
    };
  };
  const affine = (raw: Uint8Array): Uint8Array | undefined => {
    const group = 1 + random.below(100);
    const bits = ([4, 6, 8] as const)[random.below(3)]!;
    return encoder.encodeAffine(raw, { bits, group, head: random.below(group), clip: 'none' })?.bytes;
  };
  return [
    target('affine', decodeAffine, affine),
    target(
      'float16',
      (space, encoded, into) => decodeFloat16(space, encoded, 'float16', into),
      (raw) => encoder.encodeFloat16(raw, 'float16')?.bytes,
    ),
    target('sparse', decodeSparse, (raw) => encoder.encodeSparse(raw, 4)),
  ];
}
