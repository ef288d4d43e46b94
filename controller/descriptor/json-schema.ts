/**
 * The JSON schema of descriptors, for editors: made of the validator's shape, with what the shape does not know: that a text with `${name}` in it may stand
 * for a number, a choice or true and false.
 */
import { z } from 'zod';
import { shape } from './shape.ts';

type Json = { readonly [key: string]: unknown };

const PLACEHOLDER = { type: 'string', pattern: '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}' } as const;

export function descriptorJsonSchema(): Json {
  const { $schema, properties, ...rest } = z.toJSONSchema(shape, { io: 'input', target: 'draft-2020-12' }) as Json & { properties: Json };
  const { info, sweep, ...sections } = tidied(properties) as Json & { info: Json & { properties: Json } };
  const { labels, ...others } = info.properties;
  return {
    $schema,
    $id: 'descriptor.schema.json',
    title: 'Benchmark descriptor',
    description:
      'What a TOML file for `controller bench` may say; docs/descriptors.md explains it. Rules about several keys together are checked by the command only.',
    ...rest,
    properties: {
      info: { ...info, properties: { ...others, labels: withPlaceholders(labels as Json) } },
      ...(withPlaceholders(sections) as Json),
      sweep,
    },
  };
}

/** Without what only says that numbers are numbers, and that an empty section is as good as none. */
function tidied(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(tidied);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !((key === 'maximum' || key === 'minimum') && Math.abs(value) === Number.MAX_SAFE_INTEGER))
      .filter(([key, value]) => !(key === 'default' && typeof value === 'object' && Object.keys(value).length === 0))
      .map(([key, value]) => [key, tidied(value)]),
  );
}

function withPlaceholders(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withPlaceholders);
  if (typeof node !== 'object' || node === null) return node;
  const schema = node as Json;
  if (typeof schema.type === 'string' && isNarrow(schema)) {
    const { description, default: otherwise, ...leaf } = schema;
    return {
      ...(description === undefined ? {} : { description }),
      ...(otherwise === undefined ? {} : { default: otherwise }),
      anyOf: [leaf, PLACEHOLDER],
    };
  }
  const branches = schema.anyOf as readonly Json[] | undefined;
  if (branches?.some((branch) => branch.type === 'string' && !isNarrow(branch)) === true)
    return { ...schema, anyOf: branches.map((branch) => (isNarrow(branch) ? branch : withPlaceholders(branch))) };
  // Names of keys are no values.
  return Object.fromEntries(Object.entries(schema).map(([key, inner]) => [key, key === 'propertyNames' ? inner : withPlaceholders(inner)]));
}

/** It takes fewer values than any text. */
function isNarrow({ type, pattern, enum: choices }: Json): boolean {
  return (
    type === 'number' || type === 'integer' || type === 'boolean' || (type === 'string' && (pattern !== undefined || choices !== undefined))
  );
}
