/**
 * Command lines: long options, `--name value` or `--name=value`, and what is left over. Whatever is wrong is a `usage` error that says what
 * was expected; an unknown option names the one that was probably meant.
 */
import { parseArgs } from 'node:util';
import { MeshError } from '../../mesh/error.ts';
import { suggest } from './suggest.ts';

export type OptionKinds = Readonly<Record<string, 'text' | 'flag'>>;

export type OptionValues<K extends OptionKinds> = { readonly [N in keyof K]?: K[N] extends 'flag' ? boolean : string };

export interface Parsed<K extends OptionKinds> {
  readonly values: OptionValues<K>;
  readonly positionals: readonly string[];
}

/** `command` is named in hints. At most `positionalsMax` words may be left over. */
export function parseOptions<const K extends OptionKinds>(
  command: string,
  argv: readonly string[],
  kinds: K,
  positionalsMax: number,
): Parsed<K> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) }]),
  );
  const { values, positionals, tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  const hint = `controller ${command} --help lists the options`;
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    checkOption(token, kinds, hint);
    if (seen.has(token.name)) throw new MeshError('usage', `${token.rawName} was given twice`, { hint });
    seen.add(token.name);
  }
  const surplus = positionals[positionalsMax];
  if (surplus !== undefined) throw new MeshError('usage', `"${surplus}" was not expected here`, { hint });
  return { values: values as OptionValues<K>, positionals };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

function checkOption({ name, rawName, value }: OptionToken, kinds: OptionKinds, hint: string): void {
  const kind = kinds[name];
  if (kind === undefined) {
    const meant = suggest(name, Object.keys(kinds));
    throw new MeshError('usage', `there is no option ${rawName}`, { hint: meant === undefined ? hint : `did you mean --${meant}?` });
  }
  if (kind === 'flag' && value !== undefined) throw new MeshError('usage', `${rawName} takes no value`, { hint });
  if (kind === 'text' && (value === undefined || value === '')) throw new MeshError('usage', `${rawName} needs a value`, { hint });
}

/** Error `usage` when the text is no whole number of at least `min`; `words` names what else the option takes. */
export function wholeNumber(option: string, text: string, min: number, words?: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min) {
    throw new MeshError('usage', `${option}: "${text}" is not a whole number of at least ${min}${words === undefined ? '' : `, ${words}`}`);
  }
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
