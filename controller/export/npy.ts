/**
 * One column as a .npy file, version 1.0 (numpy.lib.format): its type and length in text, then the values, little-endian. No pickles: `np.load` reads it
 * without being allowed to run anything.
 *
 *     \x93NUMPY 1 0 │ header's length, 16 bits │ {'descr': '<f8', 'fortran_order': False, 'shape': (3,), }    \n │ 3 × 8 bytes
 *     ◀────────────────────────────── a multiple of 64 bytes ─────────────────────────────────────▶
 *
 *     number  <f8                 integer  <i8; with nulls <f8, where it is exact        null: NaN
 *     flag    |b1; with nulls <f8, 0 and 1                                               null: NaN
 *     time    <M8[ms]                                                                    null: NaT
 *     text    <U with as many characters as the longest has, in UTF-32                   null: empty
 */
import { MeshError } from '../../mesh/error.ts';
import type { ExportColumn } from './table.ts';

/** What makes one longer must be a text: all have the room of the longest. A reader would have to have this memory, too. */
const BYTES_MAX = 2 ** 30;
const PART_BYTES = 2 ** 20;
const NOT_A_TIME = -(2n ** 63n);

/** How one value is put; `at` in bytes. */
interface Layout {
  readonly descr: string;
  readonly bytes: number;
  readonly put: (view: DataView, at: number, row: number) => void;
}

/** Error `unsupported`: what no array can have (huge integers beside nulls, or a table of long texts). */
export function* npyParts(column: ExportColumn): Generator<Uint8Array> {
  const { descr, bytes, put } = arrayOf(column);
  const rows = column.values.length;
  if (rows * bytes > BYTES_MAX) {
    const MiB = Math.ceil((rows * bytes) / 2 ** 20);
    throw new MeshError(
      'unsupported',
      `${column.name}: ${rows} rows of ${bytes} bytes are an array of ${MiB} MiB, more than ${BYTES_MAX / 2 ** 20}`,
      {
        hint: 'write parquet, where a text is only as long as it is',
      },
    );
  }
  yield headerOf(descr, rows);
  const partRows = Math.max(1, Math.floor(PART_BYTES / bytes));
  for (let first = 0; first < rows; first += partRows) {
    const end = Math.min(first + partRows, rows);
    const view = new DataView(new ArrayBuffer((end - first) * bytes));
    for (let row = first; row < end; row += 1) put(view, (row - first) * bytes, row);
    yield new Uint8Array(view.buffer);
  }
}

/** Which values are null, where the column's own array can't tell: an empty text, a NaN among numbers. */
export function hiddenNulls({ type, values }: ExportColumn): boolean {
  if (type === 'text') return values.includes(null);
  return type === 'number' && values.includes(null) && values.some((value) => Number.isNaN(value));
}

function headerOf(descr: string, rows: number): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${rows},), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64;
  const header = new TextEncoder().encode(`?NUMPY\x01\0??${text.padEnd(length - 11)}\n`);
  header[0] = 0x93;
  new DataView(header.buffer).setUint16(8, length - 10, true);
  return header;
}

function arrayOf(column: ExportColumn): Layout {
  switch (column.type) {
    case 'number':
      return doubles(column.values, (value) => value);
    case 'flag': {
      const { values } = column;
      if (values.includes(null)) return doubles(values, Number);
      return { descr: '|b1', bytes: 1, put: (view, at, row) => view.setUint8(at, Number(values[row])) };
    }
    case 'integer': {
      const { name, values } = column;
      if (!values.includes(null)) return longs('<i8', values);
      const inexact = values.find((value) => value !== null && BigInt(Number(value)) !== BigInt(value));
      if (inexact === undefined) return doubles(values, Number);
      throw new MeshError('unsupported', `${name}: with nulls an array has doubles, and ${inexact} is none`, { hint: 'write parquet' });
    }
    case 'time':
      return longs('<M8[ms]', column.values);
    case 'text':
      return texts(column.values);
  }
}

function doubles<Value>(values: readonly (Value | null)[], number: (value: Value) => number): Layout {
  const put = (view: DataView, at: number, row: number): void => {
    const value = values[row]!;
    view.setFloat64(at, value === null ? Number.NaN : number(value), true);
  };
  return { descr: '<f8', bytes: 8, put };
}

function longs(descr: string, values: readonly (number | bigint | null)[]): Layout {
  const put = (view: DataView, at: number, row: number): void => {
    const value = values[row]!;
    view.setBigInt64(at, value === null ? NOT_A_TIME : BigInt(value), true);
  };
  return { descr, bytes: 8, put };
}

function texts(values: readonly (string | null)[]): Layout {
  // An array of empty texts has room for one character, as numpy's own.
  let length = 1;
  for (const value of values) if (value !== null && value.length > length) length = Math.max(length, charactersOf(value));
  const put = (view: DataView, at: number, row: number): void => {
    let place = at;
    for (const character of shown(values[row]!)) {
      view.setUint32(place, character.codePointAt(0)!, true);
      place += 4;
    }
  };
  return { descr: `<U${length}`, bytes: 4 * length, put };
}

function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** A text's end is where only zeros follow: one that ends in zeros itself would lose them unseen. */
function shown(text: string | null): string {
  if (text === null) return '';
  return text.toWellFormed().replace(/\0+$/, (zeros) => '\ufffd'.repeat(zeros.length));
}
