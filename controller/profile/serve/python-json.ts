/**
 * JSON in and out, byte for byte as the published service (Flask, in Python) has it: keys sorted by code point, two blanks of indentation, nothing but ASCII, one
 * line break at the end. Numbers keep what JavaScript would lose: 15.0 is no 15, and integers have as many digits as they came with.
 *
 * Sources: the json module of Python 3.12; float.__repr__; RFC 8259.
 */
import { MeshError } from '../../../mesh/error.ts';

/** A number as it is written. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Json = null | boolean | string | number | NumberText | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** More than any request has; Python's own parser gives up at about 1000. */
const DEPTH_MAX = 32;

/** What was sent, numbers as {@link NumberText}. Error `invalid` when it is no JSON, nested too deeply, or has a number that is not finite. */
export function parseJson(text: string): Json {
  checkDepth(text);
  try {
    return JSON.parse(text, keepNumber as (key: string, value: unknown) => unknown) as Json;
  } catch (error) {
    if (error instanceof MeshError) throw error;
    throw new MeshError('invalid', `the body is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** The third argument is ECMAScript's source text access; this TypeScript does not know it yet. */
function keepNumber(_: string, value: unknown, context: { readonly source?: string }): unknown {
  return typeof value === 'number' ? new NumberText(pythonNumber(context.source!, value)) : value;
}

function checkDepth(text: string): void {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (quoted && sign === '\\') at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === '[' || sign === '{')) depth++;
    else if (!quoted && (sign === ']' || sign === '}')) depth--;
    if (depth > DEPTH_MAX) throw new MeshError('invalid', `the body is nested more than ${DEPTH_MAX} levels deep`);
  }
}

function pythonNumber(source: string, value: number): string {
  if (!/[.eE]/.test(source)) return source === '-0' ? '0' : source;
  if (!Number.isFinite(value)) throw new MeshError('invalid', `the number ${source.slice(0, 40)} is too large`);
  return floatText(value).text;
}

/** A finite number as Python's repr writes a float: always with a point or an exponent, which begins at 1e16 and below 1e-4. */
export function floatText(value: number): NumberText {
  if (value === 0) return new NumberText(Object.is(value, -0) ? '-0.0' : '0.0');
  const [, sign, first, more = '', exponentText] = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential())!;
  const exponent = Number(exponentText);
  const digits = `${first}${more}`;
  if (exponent < -4 || exponent >= 16) {
    const power = `${Math.abs(exponent)}`.padStart(2, '0');
    return new NumberText(`${sign}${first}${more === '' ? '' : `.${more}`}e${exponent < 0 ? '-' : '+'}${power}`);
  }
  if (exponent < 0) return new NumberText(`${sign}0.${'0'.repeat(-exponent - 1)}${digits}`);
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return new NumberText(`${sign}${whole}.${digits.slice(exponent + 1) || '0'}`);
}

/** Keys of `value` itself stay in their order, those of all objects in it are sorted. */
export function writeJson(value: JsonObject): string {
  return `${object(Object.entries(value), '')}\n`;
}

function write(value: Json, indent: string): string {
  if (value instanceof NumberText) return value.text;
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value))
    return block(
      '[',
      ']',
      value.map((entry: Json) => write(entry, `${indent}  `)),
      indent,
    );
  return object(Object.entries(value).toSorted(byCodePoints), indent);
}

function object(entries: readonly (readonly [string, Json])[], indent: string): string {
  return block(
    '{',
    '}',
    entries.map(([key, entry]) => `${quoted(key)}: ${write(entry, `${indent}  `)}`),
    indent,
  );
}

function block(open: string, close: string, lines: readonly string[], indent: string): string {
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}

/** UTF-8 sorts as code points do, UTF-16 does not. */
function byCodePoints([a]: readonly [string, Json], [b]: readonly [string, Json]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
