/**
 * What the loaders of .mat files ask of one: a variable, a field of a struct, the numbers of a signal. Each says what is there instead.
 */
import { readFile } from 'node:fs/promises';
import { MeshError } from '../../mesh/error.ts';
import type { MatStruct, MatValue } from './mat-array.ts';
import { readMat } from './mat-file.ts';

const NAMED_MAX = 8;

/** Of the file's variables one. Errors `invalid`: there is none of this name, which means that the file is another than its name says. */
export async function matVariable(path: string, variable: string, signal: AbortSignal): Promise<MatValue> {
  const names: string[] = [];
  const wanted = (name: string): boolean => {
    names.push(name);
    return name === variable;
  };
  const value = readMat(await readFile(path, { signal }), path, wanted).get(variable);
  if (value === undefined) throw absent(path, `no variable ${variable}`, names, 'was the file renamed? its name says which class it shows');
  return value;
}

/** Of the one element of a struct a field. */
export function fieldOf(value: MatValue, field: string, path: string, about: string): MatValue {
  return fieldIn(structOf(value, path, about), 0, field, path, about);
}

/** Of each element of an array of structs. */
export function structOf(value: MatValue, path: string, about: string): MatStruct {
  if (value.kind === 'struct' && value.elements.length > 0) return value;
  throw new MeshError('invalid', `${path}: ${about} is ${kindOf(value)}, expected a struct`);
}

export function fieldIn(struct: MatStruct, index: number, field: string, path: string, about: string): MatValue {
  const element = struct.elements[index]!;
  const value = element.get(field);
  if (value === undefined) throw absent(path, `no field ${field} in ${about}`, [...element.keys()], 'is it a file of another data set?');
  return value;
}

/** The samples of a row or a column. */
export function signalOf(value: MatValue, path: string, about: string): Float64Array {
  if (value.kind !== 'numbers' || value.values.length !== Math.max(...value.dims)) {
    throw new MeshError('invalid', `${path}: ${about} is ${kindOf(value)}, expected a row or a column of numbers`);
  }
  return value.values;
}

function absent(path: string, what: string, names: readonly string[], hint: string): MeshError {
  const more = names.length > NAMED_MAX ? ' …' : '';
  const found = names.length === 0 ? 'nothing' : names.slice(0, NAMED_MAX).join(', ') + more;
  return new MeshError('invalid', `${path} has ${what}, found ${found}`, { hint });
}

function kindOf(value: MatValue): string {
  if (value.kind === 'other') return `a ${value.what}`;
  return value.kind === 'text' ? 'a text' : `a ${value.kind === 'numbers' ? 'number array' : value.kind} of ${value.dims.join(' × ')}`;
}
