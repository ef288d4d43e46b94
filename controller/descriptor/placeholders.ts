/**
 * `${name}` in the texts of a descriptor: found, and replaced by a value.
 *
 *     args = ["--threads", "${threads}"]   { threads: 4 }   ──▶   ["--threads", "4"]
 *     cpu = "${cpu}"                       { cpu: 0.5 }     ──▶   0.5: nothing but a placeholder takes a number's place
 *     "echo $${HOME}"                                       ──▶   "echo ${HOME}": two signs are one, and no placeholder
 */
import type { TomlValue } from '../../mesh/toml.ts';
import type { Path, Problem } from './problems.ts';

export type Assignment = Readonly<Record<string, string | number>>;

export interface Placeholder {
  /** Of the text it is in. */
  readonly path: Path;
  readonly name: string;
}

/** `$${`, `${…}` and a `${` that never ends. */
const PLACEHOLDER = /\$\$\{|\$\{([^}]*)(\})?/g;
const ONLY = /^\$\{([^}]*)\}$/;

export function placeholdersIn(value: TomlValue, path: Path = []): readonly Placeholder[] {
  return texts(value, path).flatMap(({ path, text }) =>
    [...text.matchAll(PLACEHOLDER)].flatMap(([whole, name, end]) =>
      whole === '$${' ? [] : [{ path, name: end === undefined ? whole : name! }],
    ),
  );
}

/** Placeholders of names that nobody knows, or that never end. */
export function strayPlaceholders(placeholders: readonly Placeholder[], names: ReadonlySet<string>): Problem[] {
  return placeholders
    .filter(({ name }) => !names.has(name))
    .map(({ path, name }) => ({ path, what: strayWords(name.slice(0, 60), names) }));
}

/** With numbers where a text was nothing but the placeholder of one. Names that the assignment lacks stay as they are. */
export function substitute(value: TomlValue, assignment: Assignment): TomlValue {
  if (typeof value === 'string') return substituteText(value, assignment);
  if (Array.isArray(value)) return value.map((element: TomlValue) => substitute(element, assignment));
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, substitute(inner, assignment)]));
}

function substituteText(text: string, assignment: Assignment): string | number {
  const [, only] = ONLY.exec(text) ?? [];
  if (only !== undefined && Object.hasOwn(assignment, only)) return assignment[only]!;
  return text.replace(PLACEHOLDER, (whole, name: string | undefined) => {
    if (whole === '$${') return '${';
    return name !== undefined && Object.hasOwn(assignment, name) ? String(assignment[name]) : whole;
  });
}

function strayWords(name: string, names: ReadonlySet<string>): string {
  if (name.startsWith('${')) return `a \${ without its }; for the text itself write $\${`;
  const known = names.size === 0 ? 'there is no [sweep]' : `[sweep] has ${[...names].join(', ').slice(0, 200)}`;
  return `${JSON.stringify(`\${${name}}`)} stands for nothing: ${known}; for the text itself write $\${`;
}

function texts(value: TomlValue, path: Path): readonly { readonly path: Path; readonly text: string }[] {
  if (typeof value === 'string') return [{ path, text: value }];
  if (Array.isArray(value)) return value.flatMap((element: TomlValue, index) => texts(element, [...path, index]));
  if (!isTable(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => texts(inner, [...path, key]));
}

function isTable(value: TomlValue): value is Readonly<Record<string, TomlValue>> {
  return typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype;
}
