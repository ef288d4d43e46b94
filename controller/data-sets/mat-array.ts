/**
 * One array of a MATLAB level-5 file, and the arrays inside it.
 *
 *     matrix ┬ flags: class ┬ dims ┬ name ┬ numbers ─ numbers
 *                                         ├ char ──── characters
 *                                         ├ cell ──── matrix, matrix, …                       one of each element
 *                                         └ struct ── width ┬ field names ┬ matrix, matrix, …   all fields of the first element, …
 *
 * Everything has at least 8 bytes, which is how the number of elements that a file claims is held against its size before they are made room for.
 */
import { type Element, MATRIX, type MatBytes, NAMES, UINT16, UINT32, UTF8, UTF16, UTF32, WORDS } from './mat-bytes.ts';

/** Arrays are stored column by column, as in MATLAB. */
export type MatValue =
  | { readonly kind: 'numbers'; readonly dims: readonly number[]; readonly values: Float64Array }
  /** Rows of a char array of several are joined by line ends. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'cell'; readonly dims: readonly number[]; readonly elements: readonly MatValue[] }
  | MatStruct
  /** Something that is not read: sparse, complex, an object. */
  | { readonly kind: 'other'; readonly what: string };

export interface MatStruct {
  readonly kind: 'struct';
  readonly dims: readonly number[];
  /** By field. */
  readonly elements: readonly ReadonlyMap<string, MatValue>[];
}

export interface MatArray {
  readonly name: string;
  /** Made when it is asked for. */
  value(): MatValue;
}

const [CELL, STRUCT, CHAR, FIRST_NUMBERS, LAST_NUMBERS] = [1, 2, 4, 6, 15];
const others: Readonly<Record<number, string>> = { 3: 'object', 5: 'sparse array', 16: 'function', 17: 'object', 18: 'object' };
const COMPLEX = 0x0800;
/** Arrays within arrays: more than anybody keeps, less than a stack. */
const DEPTH_MAX = 32;
const AXES_MAX = 32;
const FIELD_NAME_MAX = 1024;
const BYTES_OF_ANY = 8;
/** A text is a name or a remark. */
const TEXT_BYTES_MAX = 2 ** 20;

/** `element`: the matrix. Errors: `invalid` with the byte, here or when the value is asked for. */
export function matArray(bytes: MatBytes, element: Element, depth = 0): MatArray {
  const { at, start, end } = element;
  if (element.type !== MATRIX) throw bytes.damaged(at, `an element of type ${element.type}, expected an array (${MATRIX})`);
  if (depth > DEPTH_MAX) throw bytes.damaged(at, `arrays are nested more than ${DEPTH_MAX} deep`);
  // Within cells and structs, an empty array may be nothing at all.
  if (start === end) return { name: '', value: () => ({ kind: 'numbers', dims: [0, 0], values: new Float64Array(0) }) };
  const flags = bytes.elementOf(WORDS, start, end, 'the flags of an array');
  const axes = bytes.elementOf(WORDS, flags.next, end, 'the dimensions of an array');
  const name = bytes.elementOf(NAMES, axes.next, end, 'the name of an array');
  const [flag = -1] = bytes.numbers(flags);
  const dims = axes.end - axes.start > 4 * AXES_MAX ? [-1] : [...bytes.numbers(axes)];
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (flag < 0 || dims.length < 2 || dims.some((dim) => dim < 0) || !Number.isSafeInteger(count)) {
    throw bytes.damaged(axes.at, `an array with the dimensions ${dims.slice(0, 4).join(' × ')}`);
  }
  const body: Body = { bytes, at, from: name.next, end, dims, count, depth };
  return { name: bytes.latin1(name), value: () => contentOf(flag, body) };
}

interface Body {
  readonly bytes: MatBytes;
  readonly at: number;
  readonly from: number;
  readonly end: number;
  readonly dims: readonly number[];
  readonly count: number;
  readonly depth: number;
}

function contentOf(flag: number, body: Body): MatValue {
  const kind = flag & 0xff;
  if (kind === CELL) return { kind: 'cell', dims: body.dims, elements: arrays(body, body.from, body.count, 'a cell') };
  if (kind === STRUCT) return struct(body);
  if (kind === CHAR) return text(body);
  if (kind < FIRST_NUMBERS! || kind > LAST_NUMBERS!) return { kind: 'other', what: others[kind] ?? `array of class ${kind}` };
  if ((flag & COMPLEX) !== 0) return { kind: 'other', what: 'complex array' };
  const { bytes, dims, count } = body;
  const stored = bytes.element(body.from, body.end, 'the numbers of an array');
  const values = bytes.numbers(stored);
  if (values.length !== count) throw bytes.damaged(stored.at, `${values.length} numbers in an array of ${dims.join(' × ')}`);
  return { kind: 'numbers', dims, values };
}

/** `count` arrays in a row. */
function arrays({ bytes, at, end, depth }: Body, from: number, count: number, what: string): MatValue[] {
  if (count * BYTES_OF_ANY > end - from) throw bytes.damaged(at, `${what} of ${count} arrays in ${end - from} bytes`);
  const values: MatValue[] = [];
  let next = from;
  for (let index = 0; index < count; index += 1) {
    const element = bytes.element(next, end, `${what} of ${count} arrays: number ${index + 1}`);
    values.push(matArray(bytes, element, depth + 1).value());
    next = element.next;
  }
  return values;
}

function struct(body: Body): MatStruct {
  const { bytes, dims, count, end } = body;
  const width = bytes.elementOf(WORDS, body.from, end, 'the length of field names');
  const names = bytes.elementOf(NAMES, width.next, end, 'the field names of a struct');
  const [length = 0] = bytes.numbers(width);
  const size = names.end - names.start;
  if (length < 1 || length > FIELD_NAME_MAX || size % length !== 0) {
    throw bytes.damaged(width.at, `field names of ${length} bytes each in ${size} bytes`);
  }
  const all = bytes.latin1(names);
  const fields = Array.from({ length: size / length }, (_, index) => all.slice(index * length, (index + 1) * length).replace(/\0.*$/s, ''));
  if (fields.length === 0) return { kind: 'struct', dims, elements: [] };
  const values = arrays(body, names.next, count * fields.length, 'a struct');
  const elements = Array.from(
    { length: count },
    (_, index) => new Map(fields.map((field, place) => [field, values[index * fields.length + place]!])),
  );
  return { kind: 'struct', dims, elements };
}

/** Characters are stored column by column, in one of several ways. */
function text({ bytes, from, end, dims, count }: Body): MatValue {
  const stored = bytes.element(from, end, 'the characters of a text');
  if (stored.end - stored.start > TEXT_BYTES_MAX) return { kind: 'other', what: 'long text' };
  const characters = charactersOf(bytes, stored);
  const rows = dims[0]!;
  if (rows <= 1 || count === 0 || characters.length !== count) return { kind: 'text', text: characters.join('') };
  const lines = Array.from({ length: rows }, (): string[] => []);
  for (const [index, character] of characters.entries()) lines[index % rows]!.push(character);
  return { kind: 'text', text: lines.map((line) => line.join('')).join('\n') };
}

function charactersOf(bytes: MatBytes, stored: Element): readonly string[] {
  if (stored.type === UTF8) return [...Buffer.from(bytes.latin1(stored), 'latin1').toString('utf8')];
  const wide = { [UTF16]: UINT16, [UTF32]: UINT32 }[stored.type] ?? stored.type;
  return Array.from(bytes.numbers({ ...stored, type: wide }), (code) => {
    if (!(Number.isInteger(code) && code >= 0 && code <= 0x10ffff)) throw bytes.damaged(stored.at, `a character with the number ${code}`);
    return String.fromCodePoint(code);
  });
}
