/** Small MATLAB level-5 files, written as the format's description says, to be read back. */
import { deflateSync } from 'node:zlib';

export interface Numbers {
  readonly numbers: readonly number[];
  /** Default: a column. */
  readonly dims?: readonly number[];
  /** How they are stored; default double. */
  readonly as?: keyof typeof storages;
}

export type Content =
  | Numbers
  | { readonly text: string }
  | { readonly rows: readonly string[] }
  | { readonly cell: readonly Content[] }
  | { readonly struct: readonly Readonly<Record<string, Content>>[] }
  /** A matrix of this class with nothing in it. */
  | { readonly strange: number };

export interface MatOptions {
  readonly big?: boolean;
  readonly compressed?: boolean;
}

const storages = {
  int8: [1, 1, 8, 'setInt8'],
  uint8: [2, 1, 9, 'setUint8'],
  int16: [3, 2, 10, 'setInt16'],
  uint16: [4, 2, 11, 'setUint16'],
  int32: [5, 4, 12, 'setInt32'],
  uint32: [6, 4, 13, 'setUint32'],
  single: [7, 4, 7, 'setFloat32'],
  double: [9, 8, 6, 'setFloat64'],
  int64: [12, 8, 14, 'setBigInt64'],
  uint64: [13, 8, 15, 'setBigUint64'],
} as const;

export function writeMat(variables: Readonly<Record<string, Content>>, { big = false, compressed = false }: MatOptions = {}): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, made by a test');
  header.set(big ? [1, 0, 0x4d, 0x49] : [0, 1, 0x49, 0x4d], 124);
  const arrays = Object.entries(variables).map(([name, content]) => {
    const array = matrix(name, content, big);
    if (!compressed) return array;
    const packed = deflateSync(array);
    return Buffer.concat([words([15, packed.length], big), packed]);
  });
  return Buffer.concat([header, ...arrays]);
}

function matrix(name: string, content: Content, big: boolean): Buffer {
  const [kind, dims, body] = bodyOf(content, big);
  const label = Buffer.from(name, 'latin1');
  return element(
    14,
    Buffer.concat([element(6, words([kind, 0], big), big), element(5, words(dims, big), big), element(1, label, big), body]),
    big,
  );
}

function bodyOf(content: Content, big: boolean): readonly [kind: number, dims: readonly number[], body: Buffer] {
  if ('numbers' in content) {
    const { numbers, dims = [numbers.length, 1], as = 'double' } = content;
    const [type, , kind] = storages[as];
    return [kind, dims, element(type, stored(numbers, as, big), big)];
  }
  if ('text' in content) {
    const codes = Array.from(content.text, (letter) => letter.charCodeAt(0));
    return [4, [1, codes.length], element(4, stored(codes, 'uint16', big), big)];
  }
  if ('rows' in content) {
    const [rows, columns] = [content.rows.length, content.rows[0]!.length];
    const letters = Array.from({ length: rows * columns }, (_, index) => content.rows[index % rows]![Math.floor(index / rows)]!);
    return [4, [rows, columns], element(16, Buffer.from(letters.join('')), big)];
  }
  if ('cell' in content) return [1, [1, content.cell.length], Buffer.concat(content.cell.map((each) => matrix('', each, big)))];
  if ('strange' in content) return [content.strange, [1, 1], Buffer.alloc(0)];
  const fields = Object.keys(content.struct[0] ?? {});
  const names = Buffer.concat(fields.map((field) => Buffer.from(field.padEnd(32, '\0'), 'latin1')));
  const values = content.struct.flatMap((each) => fields.map((field) => matrix('', each[field]!, big)));
  return [2, [1, content.struct.length], Buffer.concat([element(5, words([32], big), big), element(1, names, big), ...values])];
}

function stored(numbers: readonly number[], as: keyof typeof storages, big: boolean): Buffer {
  const [, size, , set] = storages[as];
  const bytes = Buffer.alloc(numbers.length * size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const [index, value] of numbers.entries()) {
    if (set === 'setBigInt64' || set === 'setBigUint64') view[set](index * size, BigInt(value), !big);
    else view[set](index * size, value, !big);
  }
  return bytes;
}

/** One to four bytes are stored in the tag itself. */
export function element(type: number, data: Buffer, big: boolean): Buffer {
  if (data.length > 0 && data.length <= 4) {
    const small = Buffer.alloc(8);
    words([data.length * 65536 + type], big).copy(small);
    data.copy(small, 4);
    return small;
  }
  return Buffer.concat([words([type, data.length], big), data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

export function words(values: readonly number[], big: boolean): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) big ? bytes.writeUInt32BE(value, index * 4) : bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
