/**
 * What the formats have in common: how they begin, and the body that may be one LZ4 block.
 *
 *     byte 0      version: 1
 *     byte 1      kind: which format follows
 *     byte 2      flags: 1 = the body is an LZ4 block, 2 = zeros are left out, others by kind
 *     byte 3      detail by kind
 *     bytes 4-7   n, how many elements, little-endian
 *
 *     [header][body]  or, when that is smaller,  [header][LZ4 block of the body]
 */

import type { Workspace } from './activations-module.ts';
import { Blosc2Error } from './error.ts';

const VERSION = 1;
/** What all formats begin with, bytes. */
export const HEADER_BYTES = 8;

export const kinds = { affine: 1, float16: 2, bfloat16: 3, sparse: 4 } as const;
export type Kind = keyof typeof kinds;

export const LZ4 = 1;
export const COMPACT = 2;

export interface Header {
  readonly flags: number;
  readonly detail: number;
  readonly n: number;
}

export function writeHeader(view: DataView, kind: Kind, { flags, detail, n }: Header): void {
  view.setUint8(0, VERSION);
  view.setUint8(1, kinds[kind]);
  view.setUint8(2, flags);
  view.setUint8(3, detail);
  view.setUint32(4, n, true);
}

/** The header, when it says what is expected: this kind, n elements, no flags but those. Error `damaged`, `unsupported`. */
export function readHeader(encoded: Uint8Array, kind: Kind, n: number, flagsKnown: number, headerBytes: number): Header {
  if (encoded.byteLength > 0 && encoded[0] !== VERSION) {
    throw new Blosc2Error('unsupported', `${kind} bytes have version ${encoded[0]}, known is ${VERSION}`);
  }
  if (encoded.byteLength < headerBytes) throw damaged(kind, `${encoded.byteLength} bytes are less than a header`);
  const view = new DataView(encoded.buffer, encoded.byteOffset);
  const flags = view.getUint8(2);
  const found = view.getUint32(4, true);
  if (view.getUint8(1) !== kinds[kind]) throw damaged(kind, `kind ${view.getUint8(1)} instead of ${kinds[kind]}`);
  if ((flags & ~flagsKnown) !== 0) throw new Blosc2Error('unsupported', `${kind} bytes have flags ${flags}, known are ${flagsKnown}`);
  if (found !== n) throw damaged(kind, `${found} elements, expected ${n}`);
  return { flags, detail: view.getUint8(3), n };
}

/**
 * The bytes to send: header and body, which are next to each other at `at`, with the body as one LZ4 block when that is smaller and `tries`.
 * A workspace call that reserves; the result is a copy.
 */
export function finish(space: Workspace, at: number, headerBytes: number, bodyBytes: number, tries: boolean): Uint8Array<ArrayBuffer> {
  if (!tries || bodyBytes < 2) return space.take(at, headerBytes + bodyBytes);
  const out = space.reserve(headerBytes + bodyBytes);
  const packed = space.kernels.lz4Compress(at + headerBytes, bodyBytes, out + headerBytes, bodyBytes - 1, 1, space.lz4Table);
  if (packed <= 0) return space.take(at, headerBytes + bodyBytes);
  space.view(out, headerBytes).set(space.view(at, headerBytes));
  space.view(out + 2, 1)[0]! |= LZ4;
  return space.take(out, headerBytes + packed);
}

/**
 * The address of the body, after LZ4 when the flag is set; `bodyBytesMax` bounds it. A workspace call that reserves. Error `damaged`.
 */
export function openBody(
  space: Workspace,
  encoded: Uint8Array,
  { kind, flags, headerBytes, bodyBytesMax }: { kind: Kind; flags: number; headerBytes: number; bodyBytesMax: number },
): { readonly body: number; readonly bodyBytes: number } {
  const stored = encoded.subarray(headerBytes);
  if ((flags & LZ4) === 0) {
    if (stored.byteLength > bodyBytesMax) throw damaged(kind, `a body of ${stored.byteLength} bytes, at most ${bodyBytesMax} expected`);
    return { body: space.put(stored), bodyBytes: stored.byteLength };
  }
  const body = space.reserve(bodyBytesMax);
  const bodyBytes = space.kernels.lz4Decompress(space.put(stored), stored.byteLength, body, bodyBytesMax);
  if (bodyBytes < 0) throw damaged(kind, 'its LZ4 block');
  return { body, bodyBytes };
}

/** `kind` is what was expected, `found` what is wrong. */
export function damaged(kind: Kind, found: string): Blosc2Error {
  return new Blosc2Error('damaged', `${kind} bytes are damaged: ${found}`);
}
