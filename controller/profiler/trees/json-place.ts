/**
 * A value inside JSON that comes from somewhere else, and where it is: whoever expects something else of it says so with its place,
 * `learner.objective.name is "rank:ndcg", expected "reg:squarederror"`.
 */
import { MeshError } from '../../../mesh/error.ts';

/** What is shown of a wrong value. */
const SHOWN_MAX = 40;

export class JsonPlace {
  readonly #value: unknown;
  /** Empty: the document itself. */
  readonly path: string;

  constructor(value: unknown, path = '') {
    this.#value = value;
    this.path = path;
  }

  /** Of an object. */
  at(key: string): JsonPlace {
    const value = this.find(key);
    if (value === undefined) throw new MeshError('invalid', `${this.#below(key)} is missing`);
    return value;
  }

  find(key: string): JsonPlace | undefined {
    if (typeof this.#value !== 'object' || this.#value === null || Array.isArray(this.#value)) throw this.refused('an object');
    if (!Object.hasOwn(this.#value, key)) return undefined;
    return new JsonPlace((this.#value as Readonly<Record<string, unknown>>)[key], this.#below(key));
  }

  list(max: number): readonly JsonPlace[] {
    return this.#list(max).map((value, at) => new JsonPlace(value, `${this.path}[${at}]`));
  }

  texts(max: number): readonly string[] {
    return this.#list(max).map((value, at) => {
      if (typeof value !== 'string') throw new JsonPlace(value, `${this.path}[${at}]`).refused('text');
      return value;
    });
  }

  expect(wanted: string): void {
    if (this.#value !== wanted) throw this.refused(JSON.stringify(wanted));
  }

  /** A whole number, or the text of one. */
  whole(min: number, max: number): number {
    const number = typeof this.#value === 'string' && /^-?\d{1,15}$/.test(this.#value) ? Number(this.#value) : this.#value;
    if (!isWhole(number, min, max)) throw this.refused(`a whole number from ${min} to ${max}`);
    return number;
  }

  /** A number that float32 can hold, the text of one, or either alone in brackets. */
  float(): number {
    const text = typeof this.#value === 'number' ? String(this.#value) : this.#value;
    const digits = typeof text === 'string' ? /^\[?([-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)?)\]?$/i.exec(text)?.[1] : undefined;
    const number = Math.fround(Number(digits ?? Number.NaN));
    if (!Number.isFinite(number)) throw this.refused('a number that float32 can hold');
    return number;
  }

  /** Exactly `count` whole numbers; true and false are 1 and 0. */
  wholes(count: number, min: number, max: number): Int32Array {
    return Int32Array.from(this.#exactly(count), (value, at) => {
      const number = typeof value === 'boolean' ? Number(value) : value;
      if (!isWhole(number, min, max)) throw new JsonPlace(value, `${this.path}[${at}]`).refused(`a whole number from ${min} to ${max}`);
      return number;
    });
  }

  /** Exactly `count` numbers that float32 can hold. */
  floats(count: number): Float32Array {
    return Float32Array.from(this.#exactly(count), (value, at) => {
      if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
        throw new JsonPlace(value, `${this.path}[${at}]`).refused('a number that float32 can hold');
      }
      return value;
    });
  }

  /** The error to throw: what it is, and what was expected. */
  refused(expected: string): MeshError {
    const shown = JSON.stringify(this.#value) ?? 'nothing';
    const found = shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown;
    return new MeshError('invalid', `${this.path || 'the document'} is ${found}, expected ${expected}`);
  }

  #list(max: number): readonly unknown[] {
    if (!Array.isArray(this.#value)) throw this.refused('a list');
    if (this.#value.length > max) throw new MeshError('invalid', `${this.path} has ${this.#value.length} entries, expected at most ${max}`);
    return this.#value;
  }

  #exactly(count: number): readonly unknown[] {
    const list = this.#list(Number.POSITIVE_INFINITY);
    if (list.length !== count) throw new MeshError('invalid', `${this.path} has ${list.length} entries, expected ${count}`);
    return list;
  }

  #below(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;
}
