/**
 * The variables of a MATLAB level-5 .mat file (save -v6, -v7).
 *
 *     ┬ 116 bytes of text ┬ … ┬ version, "IM" or "MI" ┬ array ┬ array ┬ compressed: an array ┬ …
 *     0                       124                     128
 *
 * "MAT-File Format", The MathWorks. Versions 4 and 7.3 (an HDF5 file) are something else; they are told apart for a clear message.
 */
import { inflateSync } from 'node:zlib';
import { MeshError } from '../../mesh/error.ts';
import { type MatArray, type MatValue, matArray } from './mat-array.ts';
import { COMPRESSED, type Element, MatBytes } from './mat-bytes.ts';

const HEADER_BYTES = 128;
/** Deflate makes at most this many bytes of one. */
const RATIO_MAX = 1032;
/** Of all that one file is inflated to; the published files stay below a tenth of it. */
const INFLATED_BYTES_MAX = 512 * 2 ** 20;

/**
 * By name. `name`: of the file, for messages. `wanted`: others are passed over. Memory: a few times the size of the file, and of what is
 * compressed in it. Errors: `unsupported` for another version, `invalid` with the byte for what is damaged.
 */
export function readMat(file: Uint8Array, name: string, wanted: (variable: string) => boolean = () => true): ReadonlyMap<string, MatValue> {
  const bytes = new MatBytes(file, name, isLittle(file, name));
  const variables = new Map<string, MatValue>();
  let left = INFLATED_BYTES_MAX;
  for (let at = HEADER_BYTES; at < file.length; ) {
    const element = bytes.element(at, file.length, 'a variable');
    at = element.next;
    let array: MatArray;
    if (element.type === COMPRESSED) {
      const inner = inflated(bytes, element, left);
      left -= inner.bytes.length;
      array = matArray(inner, inner.element(0, inner.bytes.length, 'a compressed variable'));
    } else array = matArray(bytes, element);
    if (wanted(array.name)) variables.set(array.name, array.value());
  }
  return variables;
}

function isLittle(file: Uint8Array, name: string): boolean {
  const start = Buffer.from(file.buffer, file.byteOffset, Math.min(file.length, HEADER_BYTES)).toString('latin1');
  const order = start.slice(126, 128);
  const version = order === 'IM' ? start.charCodeAt(125) : start.charCodeAt(124);
  if (start.startsWith('MATLAB 7.3') || start.startsWith('\x89HDF') || (isOrder(order) && version === 2)) {
    throw new MeshError('unsupported', `${name} is a .mat file of version 7.3 (HDF5), expected level 5`, {
      hint: 'load it in MATLAB and save it with -v7',
    });
  }
  if (!isOrder(order) || version !== 1) {
    throw new MeshError(
      'unsupported',
      `${name} is no MATLAB level-5 file: its header has no version 1 and byte order at bytes 124 to 127`,
      {
        hint: 'load it in MATLAB and save it with -v7; a page of a web site may have been saved instead of the file',
      },
    );
  }
  return order === 'IM';
}

function isOrder(order: string): boolean {
  return order === 'IM' || order === 'MI';
}

function inflated(outer: MatBytes, { at, start, end }: Element, left: number): MatBytes {
  const { bytes, name, little } = outer;
  const maxOutputLength = Math.max(1, Math.min(left, (end - start) * RATIO_MAX));
  try {
    return new MatBytes(inflateSync(bytes.subarray(start, end), { maxOutputLength }), `${name} (inflated from byte ${at})`, little);
  } catch (error) {
    const tooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const why = tooLarge ? `it inflates to more than ${maxOutputLength} bytes` : (error as Error).message;
    throw outer.damaged(at, `a compressed variable can't be read: ${why}`);
  }
}
