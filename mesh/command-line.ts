/**
 * Command lines: long options, `--name value` or `--name=value`, and what is left over. Whatever is wrong is a `usage` error that says what
 * was expected; an unknown option names the one that was probably meant.
 */
import { parseArgs } from 'node:util';
import { MeshError } from './error.ts';
import { suggest } from './suggest.ts';

export type OptionKinds = Readonly<Record<string, 'text' | 'flag'>>;

export type OptionValues<K extends OptionKinds> = { readonly [N in keyof K]?: K[N] extends 'flag' ? boolean : string };

export interface Parsed<K extends OptionKinds> {
  readonly values: OptionValues<K>;
  /** Also those behind `--`. */
  readonly positionals: readonly string[];
  /** All that stands behind `--`, as it is; undefined when there is no `--`. */
  readonly behind: readonly string[] | undefined;
}

/** `command`, for example `controller run`, is named in hints. At most `positionalsMax` words may be left over. */
export function parseWords<const K extends OptionKinds>(
  command: string,
  argv: readonly string[],
  kinds: K,
  positionalsMax: number,
): Parsed<K> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { type: kind === 'flag' ? ('boolean' as const) : ('string' as const) }]),
  );
  const { values, positionals, tokens } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: false, tokens: true });
  const hint = `${command} --help lists the options`;
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    checkOption(token, kinds, hint);
    if (seen.has(token.name)) throw new MeshError('usage', `${token.rawName} was given twice`, { hint });
    seen.add(token.name);
  }
  const surplus = positionals[positionalsMax];
  if (surplus !== undefined) throw new MeshError('usage', `"${surplus}" was not expected here`, { hint });
  const terminator = tokens.find(({ kind }) => kind === 'option-terminator');
  const behind = terminator === undefined ? undefined : argv.slice(terminator.index + 1);
  return { values: values as OptionValues<K>, positionals, behind };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

function checkOption({ name, rawName, value }: OptionToken, kinds: OptionKinds, hint: string): void {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) {
    const meant = suggest(name, Object.keys(kinds));
    throw new MeshError('usage', `there is no option ${rawName}`, { hint: meant === undefined ? hint : `did you mean --${meant}?` });
  }
  if (kind === 'flag' && value !== undefined) throw new MeshError('usage', `${rawName} takes no value`, { hint });
  if (kind === 'text' && (value === undefined || value === '')) throw new MeshError('usage', `${rawName} needs a value`, { hint });
}
