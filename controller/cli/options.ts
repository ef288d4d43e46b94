/** The command lines of the controller's commands, and from words to values. */
import { type OptionKinds, type Parsed, parseWords } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';

/** `command` is named in hints. At most `positionalsMax` words may be left over. Errors: `usage`, see {@link parseWords}. */
export function parseOptions<const K extends OptionKinds>(
  command: string,
  argv: readonly string[],
  kinds: K,
  positionalsMax: number,
): Parsed<K> {
  return parseWords(`controller ${command}`, argv, kinds, positionalsMax);
}

/** Error `usage` when the text is no whole number of at least `min`; `words` names what else the option takes. */
export function wholeNumber(option: string, text: string, min: number, words?: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
    throw new MeshError('usage', `${option}: "${text}" is not a whole number of at least ${min}${words === undefined ? '' : `, ${words}`}`);
  }
  return value;
}

/** What travels as 32 bits. */
const COUNT_MAX = 2 ** 32 - 1;

/** A whole number that goes to an agent. Error `usage` as for {@link wholeNumber}, and above 4294967295. */
export function count(option: string, text: string, min: number): number {
  const value = wholeNumber(option, text, min);
  if (value > COUNT_MAX) throw new MeshError('usage', `${option}: ${text} is more than ${COUNT_MAX}`);
  return value;
}

/** Error `usage` when the text is no number above 0. */
export function positiveNumber(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new MeshError('usage', `${option}: "${text}" is not a number above 0`);
  }
  return value;
}

/** Error `usage` when the text is none of the choices. */
export function oneOf<const C extends readonly string[]>(option: string, text: string, choices: C): C[number] {
  if (!choices.includes(text)) throw new MeshError('usage', `${option}: "${text}" is not one of ${choices.join(', ')}`);
  return text as C[number];
}

/** The positional argument that a command can't do without. */
export function needed(value: string | undefined, what: string, usage: string): string {
  if (value === undefined || value === '') throw new MeshError('usage', `${what} is missing`, { hint: usage });
  return value;
}
