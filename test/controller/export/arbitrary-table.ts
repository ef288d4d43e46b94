/** Any table, with all that formats stumble over: nulls, -0, NaN, quotes, line breaks, texts that are code elsewhere, no rows, no columns. */
import fc from 'fast-check';
import { type ExportColumn, type ExportTable, TIME_MS_MAX, TIME_MS_MIN } from '../../../controller/export/table.ts';

const hard = [
  '',
  ' ',
  '  x ',
  '"',
  'a,b',
  'a\r\nb',
  '\r',
  '\n',
  '=1+1',
  '-0',
  'NaN',
  'null',
  'NA',
  'constructor',
  '__proto__',
  '_x0041_',
  '<a&b>',
  'é😀',
  '\ufeffx',
];

export interface TableOptions {
  /** Characters that texts may have besides the hard ones. */
  readonly text?: fc.Arbitrary<string>;
  readonly columnsMin?: number;
}

/** Beside nulls an array has doubles. */
export function fitsNpz({ columns }: ExportTable): boolean {
  return columns.every(
    ({ type, values }) => type !== 'integer' || !values.includes(null) || values.every((value) => Number.isSafeInteger(Number(value))),
  );
}

/** Texts are well-formed: what else becomes of half a character is a test of its own. */
export function arbitraryTable({
  text = fc.string({ unit: 'binary', maxLength: 12 }),
  columnsMin = 0,
}: TableOptions = {}): fc.Arbitrary<ExportTable> {
  const value = {
    number: fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e21, 0.1)),
    integer: fc.oneof(fc.maxSafeInteger(), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(2 ** 53 - 1, -1)),
    text: fc.oneof(text, fc.constantFrom(...hard)).map((any) => any.toWellFormed()),
    flag: fc.boolean(),
    time: fc.oneof(fc.integer({ min: TIME_MS_MIN, max: TIME_MS_MAX }), fc.constantFrom(TIME_MS_MIN, TIME_MS_MAX, 0)),
  } as const satisfies { readonly [Type in ExportColumn['type']]: fc.Arbitrary<unknown> };
  const name = fc.oneof(fc.string({ minLength: 1, maxLength: 8 }), fc.constantFrom('a b', 'é', 'x,y', '"', 'constructor', 'a/b'));
  const shape = fc.tuple(
    fc.integer({ min: 0, max: 40 }),
    fc.uniqueArray(name, { minLength: columnsMin, maxLength: 6 }),
    fc.string({ minLength: 1, maxLength: 40 }),
  );
  return shape.chain(([rows, names, table]) => {
    const column = (of: string): fc.Arbitrary<ExportColumn> =>
      fc.constantFrom(...(Object.keys(value) as ExportColumn['type'][])).chain((type) => {
        const some: fc.Arbitrary<unknown> = value[type];
        const values = fc.array(fc.oneof({ weight: 4, arbitrary: some }, { weight: 1, arbitrary: fc.constant(null) }), {
          minLength: rows,
          maxLength: rows,
        });
        const unit = fc.option(fc.constantFrom('ms', 'samples/s', '°C'), { nil: undefined });
        return fc
          .tuple(values, unit)
          .map(([found, known]) => ({ name: of, type, values: found, ...(known === undefined ? {} : { unit: known }) }) as ExportColumn);
      });
    return fc.tuple(...names.map(column)).map((columns) => ({ name: table, columns }));
  });
}
