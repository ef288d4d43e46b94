/**
 * TOML for both daemons: a text becomes its values, and of each value it is known in which line it stands.
 *
 *     text ──▶ toml-eslint-parser ──▶ syntax tree ──▶ value: plain tables, arrays, texts, numbers, true, false
 *                                              └────▶ places: a tree of the same shape with lines
 *
 * This is the only place that knows the parser. Where it is laxer than TOML, or a value would lose something on its way, it is made good here: whole
 * numbers that a double can't hold stay bigints, dates (for which neither daemon has a use) stay what was written, and both are refused wherever a
 * number or a text is wanted. `__proto__` is no key: who writes it means no good.
 */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { MeshError } from './error.ts';

export type TomlValue = string | number | bigint | boolean | TomlDate | readonly TomlValue[] | TomlTable;
export interface TomlTable {
  readonly [key: string]: TomlValue;
}

/** A date or a time of day, as it was written. */
export class TomlDate {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export interface TomlDocument {
  readonly value: TomlTable;
  /** Of the key or element, from 1. Of one that is not there: of the nearest around it that is; of the document 1. */
  lineOf(path: readonly (string | number)[]): number;
}

/** A megabyte is more than any person writes. */
const CHARACTERS_MAX = 2 ** 20;
/** Tables and arrays within each other. */
const DEPTH_MAX = 32;

/** A value's line, and those of what is in it. */
interface Place {
  line: number;
  /** A header or a key named it, not just something within it. */
  named: boolean;
  readonly within: Map<string | number, Place>;
}

type MutableTable = Record<string, unknown>;

/** `fileName` is for messages. Error `usage`, `FILE:LINE: …`, for what is no TOML, is too long or too deep. */
export function parseToml(text: string, fileName: string): TomlDocument {
  if (text.length > CHARACTERS_MAX)
    throw new MeshError('usage', `${fileName}:1: it has ${text.length} characters: expected at most ${CHARACTERS_MAX}`);
  const reader = new Reader(fileName);
  for (const node of parse(text, fileName).body[0].body) {
    if (node.type === 'TOMLTable') reader.table(node);
    else reader.keyValue(node, reader.value, reader.places, 0);
  }
  return { value: reader.value as TomlTable, lineOf: (path) => lineOf(reader.places, path) };
}

/** For messages: what somebody wrote where something else is wanted, in one line and short. */
export function shownToml(value: unknown): string {
  if (value instanceof TomlDate) return `the date ${value.text}`;
  if (typeof value === 'bigint') return `${value}, which is more than a number holds exactly`;
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'a table';
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  return String(value);
}

function parse(text: string, fileName: string): AST.TOMLProgram {
  try {
    // Some editors begin a file with a byte order mark.
    return parseTOML(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (error instanceof ParseError) {
      const what = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
      throw new MeshError('usage', `${fileName}:${error.lineNumber}: this is no TOML: ${what}`, { cause: error });
    }
    // The parser hands long texts and deep nesting to the stack.
    if (error instanceof RangeError)
      throw new MeshError('usage', `${fileName}:1: a text is too long, or arrays are too deep within each other`, { cause: error });
    throw error;
  }
}

function lineOf(root: Place, path: readonly (string | number)[]): number {
  let place = root;
  for (const step of path) {
    const next = place.within.get(step);
    if (next === undefined) break;
    place = next;
  }
  return place.line;
}

class Reader {
  readonly value: MutableTable = {};
  readonly places: Place = { line: 1, named: true, within: new Map() };
  readonly #fileName: string;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  /** `[a.b]` and `[[a.b]]`: the parser says with numbers which element of an array is meant. */
  table(node: AST.TOMLTable): void {
    const { line } = node.loc.start;
    this.#checkDepth(node.resolvedKey.length, line);
    let table: MutableTable | unknown[] = this.value;
    let place = this.places;
    for (const [index, step] of node.resolvedKey.entries()) {
      const following = node.resolvedKey[index + 1];
      const isLast = following === undefined;
      place = this.#enter(place, step, line, isLast);
      table = this.#step(table, step, line, typeof following === 'number');
    }
    for (const entry of node.body) this.keyValue(entry, table as MutableTable, place, node.resolvedKey.length);
  }

  keyValue(node: AST.TOMLKeyValue, table: MutableTable, place: Place, depth: number): void {
    const keys = node.key.keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
    const { line } = node.key.loc.start;
    this.#checkDepth(depth + keys.length, line);
    let inner: MutableTable | unknown[] = table;
    let at = place;
    for (const [index, key] of keys.entries()) {
      const isLast = index === keys.length - 1;
      at = this.#enter(at, key, line, isLast);
      if (isLast) {
        this.#checkKey(key, line);
        (inner as MutableTable)[key] = this.#content(node.value, at, depth + keys.length);
      } else inner = this.#step(inner, key, line, false);
    }
  }

  #content(node: AST.TOMLContentNode, place: Place, depth: number): unknown {
    this.#checkDepth(depth, node.loc.start.line);
    switch (node.type) {
      case 'TOMLArray':
        return node.elements.map((element, index) =>
          this.#content(element, this.#enter(place, index, element.loc.start.line, true), depth + 1),
        );
      case 'TOMLInlineTable': {
        const table: MutableTable = {};
        for (const entry of node.body) this.keyValue(entry, table, place, depth);
        return table;
      }
      case 'TOMLValue':
        return scalar(node);
    }
  }

  /** The first mention of a table is its place, until its own header comes. */
  #enter(place: Place, step: string | number, line: number, named: boolean): Place {
    let next = place.within.get(step);
    if (next === undefined) {
      next = { line, named, within: new Map() };
      place.within.set(step, next);
    } else if (named && !next.named) {
      next.line = line;
      next.named = true;
    }
    return next;
  }

  #step(table: MutableTable | unknown[], step: string | number, line: number, isArray: boolean): MutableTable | unknown[] {
    if (typeof step === 'string') this.#checkKey(step, line);
    const known = table as Record<string | number, MutableTable | unknown[]>;
    if (!Object.hasOwn(known, step)) known[step] = isArray ? [] : {};
    return known[step]!;
  }

  #checkKey(key: string, line: number): void {
    if (key === '__proto__') throw new MeshError('usage', `${this.#fileName}:${line}: __proto__ can't be a key`);
  }

  #checkDepth(depth: number, line: number): void {
    if (depth > DEPTH_MAX)
      throw new MeshError('usage', `${this.#fileName}:${line}: tables and arrays are more than ${DEPTH_MAX} deep within each other`);
  }
}

function scalar(node: AST.TOMLValue): string | number | bigint | boolean | TomlDate {
  if (node.kind === 'integer') return Number.isSafeInteger(node.value) ? node.value : node.bigint;
  if (node.kind === 'string' || node.kind === 'float' || node.kind === 'boolean') return node.value;
  return new TomlDate(node.datetime);
}
