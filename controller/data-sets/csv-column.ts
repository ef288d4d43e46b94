/**
 * One column of a text file of numbers, of its first rows only: the files are large, and what is behind them is not looked at a second time.
 *
 *     Title,Test            ┐
 *     …                     ├ header: everything before the first row of numbers
 *     Data                  ┘
 *     0.002⇥-0.011⇥0.004⇥   ┐
 *     0.013⇥ 0.007⇥0.001⇥   ├ rows: counted to the end of the file, read to the first part of them
 *     …                     ┘
 *
 * Separated by tabs, commas or semicolons, as the first row is; a separator may end a row.
 */
import { open } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';

export interface ColumnOptions {
  /** From 0. */
  readonly column: number;
  /** The first of so many equal parts of the rows is read; the rest of a division is not. */
  readonly parts: number;
  readonly signal: AbortSignal;
}

const CHUNK_BYTES = 2 ** 20;
/** Lines longer than this are no rows of numbers. */
const LINE_MAX = 64 * 1024;
const HEADER_LINES_MAX = 64;
const LINE_END = 0x0a;
const BLANK = 0x20;

/**
 * NaN and infinity are read as such: where in the signal they stand is said by windows.ts. Errors `invalid` with the line: no row of numbers
 * among the first lines, a row without the column or with something else in it.
 */
export async function readColumn(path: string, { column, parts, signal }: ColumnOptions): Promise<Float64Array> {
  const lines = await countLines(path, signal);
  let values: Float64Array | undefined;
  let separator: RegExp | undefined;
  let [filled, header] = [0, 0];
  for await (const [number, line] of linesOf(path, signal)) {
    if (separator === undefined) {
      separator = separatorOf(line, column);
      if (separator === undefined) {
        header += 1;
        if (header > HEADER_LINES_MAX) break;
        continue;
      }
      values = new Float64Array(Math.floor((lines - header) / parts));
    }
    if (filled === values!.length) break;
    const cell = line.split(separator, column + 1)[column];
    const value = cell === undefined ? undefined : numberOf(cell);
    if (value === undefined) {
      const found = cell === undefined ? `fewer than ${column + 1} columns` : `"${cell.trim().slice(0, 40)}" in column ${column + 1}`;
      throw new MeshError('invalid', `${path}, line ${number}: ${found}, expected a number`);
    }
    values![filled] = value;
    filled += 1;
  }
  if (values !== undefined) return values;
  throw new MeshError('invalid', `${path} has no row of numbers with ${column + 1} columns among its first ${header} lines`, {
    hint: 'expected a header, then rows of numbers that are separated by tabs or commas',
  });
}

/** What separates the numbers of a row; undefined when the line is none. */
function separatorOf(line: string, column: number): RegExp | undefined {
  for (const separator of [/\t/, /,/, /;/]) {
    const cells = line.split(separator);
    if (cells.at(-1)!.trim() === '') cells.pop();
    if (cells.length > column && cells.every((cell) => numberOf(cell) !== undefined)) return separator;
  }
  return undefined;
}

function numberOf(cell: string): number | undefined {
  const text = cell.trim();
  if (text === '') return undefined;
  const value = Number(text);
  if (!Number.isNaN(value)) return value;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const infinite = /^([+-]?)inf(inity)?$/i.exec(text);
  return infinite === null ? undefined : Number(`${infinite[1]}Infinity`);
}

/** Lines with something in them. */
async function countLines(path: string, signal: AbortSignal): Promise<number> {
  let lines = 0;
  let filled = false;
  for await (const chunk of chunksOf(path, signal)) {
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index]!;
      if (byte === LINE_END) {
        if (filled) lines += 1;
        filled = false;
      } else if (byte > BLANK) filled = true;
    }
  }
  return filled ? lines + 1 : lines;
}

/** The same lines, numbered from 1 as an editor does. What is no ASCII stands in the header only: in which encoding does not matter. */
async function* linesOf(path: string, signal: AbortSignal): AsyncGenerator<readonly [number: number, line: string], void, undefined> {
  let number = 0;
  let rest = '';
  for await (const chunk of chunksOf(path, signal)) {
    const lines = (rest + chunk.toString('latin1')).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      number += 1;
      if (hasText(line)) yield [number, line];
    }
    if (rest.length > LINE_MAX) {
      throw new MeshError('invalid', `${path}, line ${number + 1}: longer than ${LINE_MAX} characters, expected a row of numbers`);
    }
  }
  if (hasText(rest)) yield [number + 1, rest];
}

/** As countLines sees it. */
function hasText(line: string): boolean {
  return /[^\0- ]/.test(line);
}

/** Each is overwritten by the next. */
async function* chunksOf(path: string, signal: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
  await using file = await open(path, 'r');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
