/**
 * The header of an .npy file (NumPy's format, versions 1 to 3): what the bytes after it mean.
 *
 *     \x93NUMPY ┬ 3 ┬ 0 ┬ length (2 bytes in version 1, 4 later) ┬ {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } ⏎
 *
 * Read strictly: exactly the three keys, little endian or single bytes, C order. The length of data + header is a multiple of 64.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { MeshError } from '../../mesh/error.ts';
import type { DType } from '../../mesh/tensor.ts';

const MAGIC = Buffer.from('\x93NUMPY', 'latin1');
/** Far more than any real header; bounds what a damaged length makes us read. */
const HEADER_BYTES_MAX = 64 * 1024;

const dtypeOf: Readonly<Record<string, DType>> = {
  '<f4': 'float32',
  '<f8': 'float64',
  '<f2': 'float16',
  '|u1': 'uint8',
  '|i1': 'int8',
  '<u2': 'uint16',
  '<i2': 'int16',
  '<i4': 'int32',
  '<i8': 'int64',
  '<u4': 'uint32',
  '<u8': 'uint64',
  '|b1': 'bool',
};
const descrOf = new Map<DType, string>(Object.entries(dtypeOf).map(([descr, dtype]) => [dtype, descr]));

export interface NpyHeader {
  readonly dtype: DType;
  readonly dims: readonly number[];
  /** Where the data starts, bytes. */
  readonly dataOffset: number;
}

/** How many bytes the header takes, from the first 12 bytes of a file. Error `invalid` when it is no .npy file. */
export function npyHeaderBytes(start: Uint8Array, name: string): number {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  if (bytes.length < 10 || !bytes.subarray(0, 6).equals(MAGIC)) {
    throw new MeshError('invalid', `${name} is no .npy file: it does not start with \\x93NUMPY`, {
      hint: 'write it with numpy.save(path, array)',
    });
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3 || bytes[7] !== 0) {
    throw new MeshError('invalid', `${name} has .npy version ${version}.${bytes[7]}; expected 1.0, 2.0 or 3.0`);
  }
  if (version > 1 && bytes.length < 12) throw new MeshError('invalid', `${name} ends within its header`);
  const total = version === 1 ? 10 + bytes.readUInt16LE(8) : 12 + bytes.readUInt32LE(8);
  if (total > HEADER_BYTES_MAX)
    throw new MeshError('invalid', `${name} has a header of ${total} bytes; expected at most ${HEADER_BYTES_MAX}`);
  return total;
}

/** Reads the header from its complete bytes. Error `invalid` for anything but little-endian numbers in C order. */
export function parseNpyHeader(header: Uint8Array, name: string): NpyHeader {
  const total = npyHeaderBytes(header, name);
  if (header.length < total) throw new MeshError('invalid', `${name} ends within its header`);
  const fixed = header[6] === 1 ? 10 : 12;
  const text = Buffer.from(header.buffer, header.byteOffset + fixed, total - fixed).toString(header[6] === 3 ? 'utf8' : 'latin1');
  const fields = parseDictionary(text, name);
  if (fields.fortranOrder) {
    throw new MeshError('invalid', `${name} is stored in Fortran order; expected C order`, {
      hint: 'save it with numpy.save(path, numpy.ascontiguousarray(array))',
    });
  }
  const dtype = dtypeOf[fields.descr.replace(/^<([ui]1|b1)$/, '|$1').replace(/^\|([fui][248])$/, '<$1')];
  if (dtype === undefined) throw new MeshError('invalid', `${name} holds ${describe(fields.descr)}`, { hint: hintFor(fields.descr) });
  return { dtype, dims: fields.shape, dataOffset: total };
}

/** A version 1 header, padded so that the data starts at a multiple of 64. `paddedBytes` reserves room to rewrite the shape later. */
export function formatNpyHeader(dtype: DType, dims: readonly number[], paddedBytes = 0): Buffer {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(', ')})`;
  const text = `{'descr': '${descrOf.get(dtype)!}', 'fortran_order': False, 'shape': ${shape}, }`;
  const total = Math.max(Math.ceil((10 + text.length + 1) / 64) * 64, paddedBytes);
  const header = Buffer.alloc(total, ' ');
  MAGIC.copy(header);
  header[6] = 1;
  header[7] = 0;
  header.writeUInt16LE(total - 10, 8);
  header.write(text, 10, 'latin1');
  header[total - 1] = 0x0a;
  return header;
}

interface Dictionary {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** A Python literal with exactly these keys in any order, not a language: three patterns are enough, what is left over is an error. */
function parseDictionary(text: string, name: string): Dictionary {
  const descr = /(['"])descr\1\s*:\s*(?:(['"])([^'"]*)\2|(\[))/.exec(text);
  const order = /(['"])fortran_order\1\s*:\s*(True|False)/.exec(text);
  const shape = /(['"])shape\1\s*:\s*\(\s*((?:\d+L?\s*,\s*)*(?:\d+L?)?)\s*\)/.exec(text);
  if (descr?.[4] !== undefined) throw new MeshError('invalid', `${name} holds records with named fields; expected one number per element`);
  if (descr === null || order === null || shape === null) {
    throw new MeshError('invalid', `${name} has a damaged header: expected the keys descr, fortran_order and shape`);
  }
  const dims = shape[2]!
    .split(',')
    .map((dim) => dim.trim().replace(/L$/, ''))
    .filter((dim) => dim !== '')
    .map(Number);
  return { descr: descr[3]!, fortranOrder: order[2] === 'True', shape: dims };
}

function describe(descr: string): string {
  if (descr.includes('O')) return `Python objects ("${descr}"); expected plain numbers`;
  if (descr.startsWith('>')) return `big-endian elements ("${descr}"); expected little-endian`;
  return `elements of type "${descr}"; expected one of ${Object.keys(dtypeOf).join(', ')}`;
}

function hintFor(descr: string): string {
  return descr.startsWith('>') ? "save it with array.astype(array.dtype.newbyteorder('<'))" : "save it with array.astype('float32')";
}
