/**
 * Lossless: zeros are left out. Zero means that all bits are: -0 and NaNs come back as they were.
 *
 *     header    kind sparse, detail: bytes of an element, 1, 2 or 4
 *     bitmap    ceil(n / 8) bytes; bit j of byte i is set when element 8i + j is not zero; bits behind the last element are 0
 *     values    those elements, one after the other
 */
import { damaged, HEADER_BYTES, readHeader, writeHeader } from './activations-header.ts';
import type { Workspace } from './activations-module.ts';

export type ElementBytes = 1 | 2 | 4;

/** `raw` holds whole elements. The result may be larger than raw, by an eighth of the number of elements and 8 bytes. */
export function encodeSparse(space: Workspace, raw: Uint8Array, elementBytes: ElementBytes): Uint8Array<ArrayBuffer> {
  const n = raw.byteLength / elementBytes;
  if (!Number.isInteger(n)) throw new RangeError(`${raw.byteLength} bytes are no whole elements of ${elementBytes}`);
  const bitmapBytes = (n + 7) >> 3;
  space.reset();
  const src = space.put(raw);
  const at = space.reserve(HEADER_BYTES + bitmapBytes + raw.byteLength);
  const bitmap = at + HEADER_BYTES;
  const { compact1, compact2, compact4 } = space.kernels;
  const compact = { 1: compact1, 2: compact2, 4: compact4 }[elementBytes];
  const kept = compact(src, n, bitmap, bitmap + bitmapBytes);
  writeHeader(space.dataView(at, HEADER_BYTES), 'sparse', { flags: 0, detail: elementBytes, n });
  return space.take(at, HEADER_BYTES + bitmapBytes + kept * elementBytes);
}

/** Fills `into`. Error `damaged` when the bytes are damaged or hold something else than so many bytes, `unsupported`. */
export function decodeSparse(space: Workspace, encoded: Uint8Array, into: Uint8Array): void {
  const elementBytes = encoded[3];
  if (elementBytes !== 1 && elementBytes !== 2 && elementBytes !== 4) throw damaged('sparse', `elements of ${elementBytes} bytes`);
  const n = into.byteLength / elementBytes;
  readHeader(encoded, 'sparse', n, 0, HEADER_BYTES);
  const bitmapBytes = (n + 7) >> 3;
  const values = encoded.byteLength - HEADER_BYTES - bitmapBytes;
  if (values < 0 || values > into.byteLength) throw damaged('sparse', `${encoded.byteLength} bytes for ${n} elements`);
  space.reset();
  const bitmap = space.put(encoded.subarray(HEADER_BYTES));
  const dst = space.reserve(into.byteLength);
  const { countBits, expand1, expand2, expand4 } = space.kernels;
  const kept = countBits(bitmap, n);
  if (kept * elementBytes !== values) throw damaged('sparse', `a bitmap of ${kept} values with ${values} bytes of them`);
  const expand = { 1: expand1, 2: expand2, 4: expand4 }[elementBytes];
  expand(bitmap, n, bitmap + bitmapBytes, dst);
  into.set(space.view(dst, into.byteLength));
}
