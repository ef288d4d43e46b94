/**
 * Checks a value against a JSON schema, as far as ours go: a keyword that is not known here is an error, so that none is skipped silently.
 */
type Schema = { readonly [keyword: string]: unknown };

const annotations = new Set(['$schema', '$id', '$defs', 'title', 'description', 'default', 'examples', 'format']);

/** What is wrong, with the place of each; empty when the value is as the schema says. */
export function violations(value: unknown, schema: Schema, root: Schema = schema, at = '$'): string[] {
  return Object.entries(schema).flatMap(([keyword, argument]) => {
    if (annotations.has(keyword)) return [];
    const check = keywords[keyword];
    if (check === undefined) throw new Error(`${at}: the schema uses "${keyword}", which this checker does not know`);
    return check(value, argument, { schema, root, at });
  });
}

interface Place {
  readonly schema: Schema;
  readonly root: Schema;
  readonly at: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each keyword has an argument type of its own, and the schema is ours.
type Check = (value: unknown, argument: any, place: Place) => string[];

const keywords: Readonly<Record<string, Check>> = {
  type: (value, type: string, { at }) => (typeOf(value, type) ? [] : [`${at}: ${JSON.stringify(value)} is no ${type}`]),
  enum: (value, allowed: readonly unknown[], { at }) =>
    allowed.includes(value) ? [] : [`${at}: ${JSON.stringify(value)} is not one of ${allowed.join(', ')}`],
  minimum: (value, least: number, { at }) => (typeof value === 'number' && value < least ? [`${at}: ${value} < ${least}`] : []),
  maximum: (value, most: number, { at }) => (typeof value === 'number' && value > most ? [`${at}: ${value} > ${most}`] : []),
  exclusiveMinimum: (value, least: number, { at }) => (typeof value === 'number' && value <= least ? [`${at}: ${value} <= ${least}`] : []),
  minLength: (value, least: number, { at }) => (typeof value === 'string' && value.length < least ? [`${at}: shorter than ${least}`] : []),
  maxLength: (value, most: number, { at }) => (typeof value === 'string' && value.length > most ? [`${at}: longer than ${most}`] : []),
  pattern: (value, pattern: string, { at }) =>
    typeof value === 'string' && !new RegExp(pattern, 'u').test(value) ? [`${at}: ${JSON.stringify(value)} is not as ${pattern}`] : [],
  maxItems: (value, most: number, { at }) => (Array.isArray(value) && value.length > most ? [`${at}: more than ${most} items`] : []),
  minProperties: (value, least: number, { at }) =>
    isObject(value) && Object.keys(value).length < least ? [`${at}: fewer than ${least} properties`] : [],
  maxProperties: (value, most: number, { at }) =>
    isObject(value) && Object.keys(value).length > most ? [`${at}: more than ${most} properties`] : [],
  propertyNames: (value, schema: Schema, { root, at }) =>
    isObject(value) ? Object.keys(value).flatMap((name) => violations(name, schema, root, `${at}.${name}`)) : [],
  minItems: (value, least: number, { at }) => (Array.isArray(value) && value.length < least ? [`${at}: fewer than ${least} items`] : []),
  items: (value, item: Schema, { root, at }) =>
    Array.isArray(value) ? value.flatMap((entry, index) => violations(entry, item, root, `${at}[${index}]`)) : [],
  required: (value, names: readonly string[], { at }) =>
    isObject(value) ? names.filter((name) => !(name in value)).map((name) => `${at}: "${name}" is missing`) : [],
  properties: (value, properties: Readonly<Record<string, Schema>>, { root, at }) =>
    isObject(value)
      ? Object.entries(properties).flatMap(([name, schema]) =>
          name in value ? violations(value[name], schema, root, `${at}.${name}`) : [],
        )
      : [],
  additionalProperties: (value, allowed: boolean | Schema, { schema, root, at }) => {
    if (allowed === true || !isObject(value)) return [];
    const known = Object.keys((schema.properties as object | undefined) ?? {});
    const more = Object.keys(value).filter((name) => !known.includes(name));
    if (allowed === false) return more.map((name) => `${at}: "${name}" is not in the schema`);
    return more.flatMap((name) => violations(value[name], allowed, root, `${at}.${name}`));
  },
  anyOf: (value, choices: readonly Schema[], { root, at }) => {
    const found = choices.map((choice) => violations(value, choice, root, at));
    return found.some((wrong) => wrong.length === 0) ? [] : found.reduce((a, b) => (a.length <= b.length ? a : b));
  },
  $ref: (value, reference: string, { root, at }) => {
    const found = reference
      .split('/')
      .slice(1)
      .reduce<Schema | undefined>((schema, name) => schema?.[name] as Schema | undefined, root);
    if (found === undefined) throw new Error(`${at}: the schema has no ${reference}`);
    return violations(value, found, root, at);
  },
};

function typeOf(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isObject(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return typeof value === type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
