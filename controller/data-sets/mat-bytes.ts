/**
 * The elements a MATLAB level-5 file is made of, each within what it lies in. Nothing outside is read, whatever a damaged or hostile file says.
 *
 *     ┬ type ┬ bytes ┬ data … ┬ to the next multiple of 8        more than 4 bytes of data
 *     ┬ bytes, type ┬ data    ┬                                  1 to 4 bytes of data
 *
 * "MAT-File Format", The MathWorks, sections "Data Element Format" and "MAT-File Data Types".
 */
import { MeshError } from '../../mesh/error.ts';

export const INT8 = 1;
export const UINT8 = 2;
export const INT16 = 3;
export const UINT16 = 4;
export const INT32 = 5;
export const UINT32 = 6;
export const SINGLE = 7;
export const DOUBLE = 9;
export const INT64 = 12;
export const UINT64 = 13;
export const MATRIX = 14;
export const COMPRESSED = 15;
export const UTF8 = 16;
export const UTF16 = 17;
export const UTF32 = 18;

/** Types that are taken for each other. */
export const WORDS: readonly number[] = [INT32, UINT32];
export const NAMES: readonly number[] = [INT8, UTF8];

/** Offsets of bytes. */
export interface Element {
  readonly type: number;
  /** Of its tag. */
  readonly at: number;
  /** Of its data. */
  readonly start: number;
  readonly end: number;
  /** Of the element behind it. */
  readonly next: number;
}

const sizes: Readonly<Record<number, number>> = {
  ...{ [INT8]: 1, [UINT8]: 1, [INT16]: 2, [UINT16]: 2, [INT32]: 4, [UINT32]: 4 },
  ...{ [SINGLE]: 4, [DOUBLE]: 8, [INT64]: 8, [UINT64]: 8 },
};

export class MatBytes {
  /** For messages: the file, and where in it when these bytes were compressed. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly little: boolean;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, name: string, little: boolean) {
    this.bytes = bytes;
    this.name = name;
    this.little = little;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The element at `at`, which lies before `end`. `expected`: for the message. Error `invalid`. */
  element(at: number, end: number, expected: string): Element {
    if (at + 8 > end) throw this.damaged(at, `it ends where ${expected} should begin`);
    const first = this.#view.getUint32(at, this.little);
    const small = first >>> 16;
    if (small > 4) throw this.damaged(at, `a small element has ${small} bytes, at most 4 are possible`);
    if (small > 0) return { type: first & 0xffff, at, start: at + 4, end: at + 4 + small, next: at + 8 };
    const bytes = this.#view.getUint32(at + 4, this.little);
    const last = at + 8 + bytes;
    if (last > end) throw this.damaged(at, `${expected} promises ${bytes} bytes, ${end - at - 8} are left`);
    // What is compressed is not padded, and the last element need not be.
    return { type: first, at, start: at + 8, end: last, next: first === COMPRESSED ? last : Math.min(end, Math.ceil(last / 8) * 8) };
  }

  /** The same, of one of these types: programs other than MATLAB take a like one for the one of the description. */
  elementOf(types: readonly number[], at: number, end: number, expected: string): Element {
    const element = this.element(at, end, expected);
    if (!types.includes(element.type)) throw this.damaged(at, `${expected} has type ${element.type}, expected ${types.join(' or ')}`);
    return element;
  }

  /** The numbers in an element; of 64-bit ones the nearest that a double holds. */
  numbers({ type, at, start, end }: Element): Float64Array {
    const size = sizes[type];
    if (size === undefined) throw this.damaged(at, `numbers of type ${type}; expected one of ${Object.keys(sizes).join(', ')}`);
    if ((end - start) % size !== 0) throw this.damaged(at, `${end - start} bytes of numbers with ${size} bytes each`);
    const values = new Float64Array((end - start) / size);
    const read = this.#reader(type);
    for (let index = 0; index < values.length; index += 1) values[index] = read(start + index * size);
    return values;
  }

  /** One number of each character of a text. */
  latin1({ start, end }: Element): string {
    return Buffer.from(this.bytes.buffer, this.bytes.byteOffset + start, end - start).toString('latin1');
  }

  damaged(at: number, what: string): MeshError {
    return new MeshError('invalid', `${this.name} is damaged at byte ${at}: ${what}`, {
      hint: 'copy it again from where it was published',
    });
  }

  #reader(type: number): (at: number) => number {
    const [view, little] = [this.#view, this.little];
    switch (type) {
      case INT8:
        return (at) => view.getInt8(at);
      case UINT8:
        return (at) => view.getUint8(at);
      case INT16:
        return (at) => view.getInt16(at, little);
      case UINT16:
        return (at) => view.getUint16(at, little);
      case INT32:
        return (at) => view.getInt32(at, little);
      case UINT32:
        return (at) => view.getUint32(at, little);
      case SINGLE:
        return (at) => view.getFloat32(at, little);
      case INT64:
        return (at) => Number(view.getBigInt64(at, little));
      case UINT64:
        return (at) => Number(view.getBigUint64(at, little));
      default:
        return (at) => view.getFloat64(at, little);
    }
  }
}
